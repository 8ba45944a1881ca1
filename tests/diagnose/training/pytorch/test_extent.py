"""What crops cut from, for torchvision's transforms as they stand in a program."""

import pytest

from diagnose.interpreter.reader import Reader
from diagnose.libraries import registry
from diagnose.model import Crop
from diagnose.training.pytorch.transforms import way_of


@pytest.fixture
def crops(tmp_path):
    def read(*steps):
        path = tmp_path / "train.py"
        path.write_text(f"from torchvision import transforms as T\nimport mine\nx = T.Compose([{', '.join(steps)}])\n")
        reader = Reader(path, registry())
        reader.read()
        way = way_of(reader, reader.modules[path.resolve()].names["x"])
        return [step.crop for step in way.steps if step.crop]

    return read


@pytest.mark.parametrize(
    ("steps", "crop"),
    [
        (["T.RandomCrop(32, padding=4)"], Crop(32, None, 4)),
        (["T.Pad(4)", "T.RandomCrop(32)"], Crop(32, None, 4)),
        (["T.RandomHorizontalFlip()", "T.RandomCrop(64, padding=8)"], Crop(64, None, 8)),
        (["T.Resize(256)", "T.CenterCrop(224)"], Crop(224, 256)),
        (["T.Resize((96, 128))", "T.CenterCrop((64, 100))"], Crop(100, 96)),
        (["T.RandomResizedCrop(72)", "T.Pad(4)", "T.RandomCrop(80)"], Crop(80, 80)),
        (["T.Resize(256)", "T.RandomRotation(9)", "T.CenterCrop(size=224)"], Crop(224, 256)),
    ],
)
def test_the_side_that_reaches_a_crop(crops, steps, crop):
    assert crops(*steps) == [crop]


@pytest.mark.parametrize(
    "steps",
    [
        ["T.RandomCrop(224, pad_if_needed=True)"],
        ["T.RandomCrop(224, 8, True)"],
        ["T.RandomCrop(224, padding=(8, 4))"],
        ["T.RandomCrop(mine.SIZE)"],
        ["T.Resize(mine.SIZE)", "T.CenterCrop(224)"],
        ["T.RandomRotation(45, expand=True)", "T.CenterCrop(224)"],
        ["mine.Enlarge()", "T.CenterCrop(224)"],
        ["T.Lambda(lambda image: image)", "T.CenterCrop(224)"],
        ["T.RandomApply([T.Resize(300)])", "T.CenterCrop(224)"],
        ["T.Resize(256, max_size=300)", "T.CenterCrop(224)"],
    ],
)
def test_what_is_not_known_to_the_pixel_is_no_crop_to_judge(crops, steps):
    assert crops(*steps) == []


def test_a_crop_is_the_side_for_the_next(crops):
    assert crops("T.Resize(256)", "T.RandomCrop(224)", "T.CenterCrop(192)") == [Crop(224, 256), Crop(192, 224)]
