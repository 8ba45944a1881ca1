"""Images in cv2's order of channels, and the ways of turning it."""

import pytest
from small_programs import found, reading, training

from diagnose.model import BgrImages


def seen(tmp_path, kind, **parts):
    return reading(tmp_path, training(**parts)).program.facts(kind)


OWN = """
import cv2, elsewhere, numpy as np
class Pictures(torch.utils.data.Dataset):
    def __getitem__(self, i):
        image = cv2.imread('x'{flag})
        {change}
        return train_tf(image), 0
"""


@pytest.mark.parametrize(
    ("flag", "change", "blue_first"),
    [
        ("", "pass", True),
        ("", "image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)", False),
        ("", "image = image[:, :, ::-1]", False),
        ("", "image = image[..., [2, 1, 0]]", False),
        ("", "image = elsewhere.fix(image)", False),
        ("", "image = image[:, :, (2, 1, 0)]", False),
        ("", "image = np.flip(image, axis=-1)", False),
        ("", "image = np.flip(image, 1)", True),
        ("", "image = torch.from_numpy(image).permute(2, 0, 1).flip(0)", False),
        ("", "image = torch.flip(torch.from_numpy(image), dims=[-1])", True),
        ("", "image = torch.from_numpy(image).flip(elsewhere.axis)", False),
        (", cv2.IMREAD_COLOR_RGB", "pass", False),
        (", 0", "pass", False),
        (", cv2.IMREAD_COLOR", "pass", True),
    ],
)
def test_pictures_that_cv2_reads_and_nothing_turns(tmp_path, flag, change, blue_first):
    found = seen(tmp_path, BgrImages, top=OWN.format(flag=flag, change=change), train_data="Pictures()")
    assert bool(found) is blue_first


OTHER = """
from PIL import Image
class Opened(torch.utils.data.Dataset):
    def __getitem__(self, i):
        return val_tf(Image.open('x')), 0
"""


@pytest.mark.parametrize(
    ("top", "data", "mixed"),
    [
        ("", "DataLoader(datasets.ImageFolder('v', val_tf))", True),
        (OTHER, "DataLoader(Opened())", True),
        ("", "DataLoader(Pictures())", False),
    ],
)
def test_pictures_of_two_readers(tmp_path, top, data, mixed):
    text = training(top=OWN.format(flag="", change="pass") + top, train_data="Pictures()", model="model = Net()")
    text = text.replace("DataLoader(datasets.ImageFolder('v', val_tf), batch_size=32)", data)
    net = "class Net(nn.Module):\n    def forward(self, x):\n        return x.mean((2, 3))\n"
    read = reading(tmp_path, text.replace("model = Net()", f"{net}model = Net()"))
    (one,) = read.program.facts(BgrImages)
    assert one.mixed is mixed
    assert found(read, "N207") is mixed  # from random weights the order alone does no harm


@pytest.mark.parametrize(
    ("flag", "expected"), [("cv2.IMREAD_COLOR", True), ("cv2.IMREAD_COLOR_RGB", False), ("cv2.IMREAD_GRAYSCALE", False)]
)
def test_pictures_that_cv2_decodes_from_bytes(tmp_path, flag, expected):
    decoded = OWN.replace("cv2.imread('x'{flag})", f"cv2.imdecode(np.frombuffer(elsewhere.read(i), np.uint8), {flag})")
    found = seen(tmp_path, BgrImages, top=decoded.format(change="pass"), train_data="Pictures()")
    assert [one.reader for one in found] == (["cv2.imdecode"] if expected else [])
