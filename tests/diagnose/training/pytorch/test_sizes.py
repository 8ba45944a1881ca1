"""The size that a program's own code gives its images is the input size."""

import pytest
from small_programs import reading, said, training

OWN = """
import cv2
import numpy as np
from PIL import Image
class Pictures(torch.utils.data.Dataset):
    def __init__(self, paths):
        self.paths = paths
    def __len__(self):
        return len(self.paths)
    def __getitem__(self, i):
        {body}
        return torch.from_numpy(np.array(image) / 255.0).permute(2, 0, 1), 0
"""


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ("image = cv2.resize(cv2.imread(self.paths[i])[:, :, ::-1], (96, 96))", 96),
        ("image = cv2.resize(cv2.imread(self.paths[i]), dsize=(96, 96), interpolation=cv2.INTER_AREA)", 96),
        ("image = Image.open(self.paths[i]).convert('RGB').resize((96, 96))", 96),
        ("image = Image.open(self.paths[i]).resize((128, 128), Image.BILINEAR).resize((96, 96))", 96),
        ("image = cv2.resize(cv2.imread(self.paths[i]), (128, 96))", "?"),
        ("image = cv2.resize(cv2.imread(self.paths[i]), (128, 128))[16:112, 16:112]", "?"),
        ("image = cv2.resize(cv2.imread(self.paths[i]), (128, 128))[16:112]", "?"),
        ("image = Image.open(self.paths[i]).resize((128, 128)).crop((0, 0, 96, 96))", "?"),
        ("image = cv2.resize(cv2.imread(self.paths[i]), None, fx=0.5, fy=0.5)", "?"),
        ("image = Image.open(self.paths[i])", "?"),
    ],
)
def test_an_own_dataset_sets_the_size(tmp_path, body, size):
    read_ = reading(tmp_path, training(top=OWN.format(body=body), train_data="Pictures(['a.jpg'])"))
    assert said(read_, "input_size") == size
    assert said(read_, "scaling") == ("1/255",)


def test_interpolation_in_the_loop_sets_the_size(tmp_path):
    batch = "x = F.interpolate(x, size=(160, 160), mode='bilinear')"
    assert said(reading(tmp_path, training(batch=batch)), "input_size") == 160


def test_a_lambda_among_the_transforms_sets_the_size(tmp_path):
    tf = "T.Compose([T.Lambda(lambda image: image.convert('RGB').resize((64, 64))), T.ToTensor(), norm])"
    read_ = reading(tmp_path, training(train_tf=tf))
    assert (said(read_, "input_size"), said(read_, "train_augmentations")) == (64, ())
