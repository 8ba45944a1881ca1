"""Arrays of floats and of whole numbers."""

import pytest
from small_programs import followed, names

from diagnose.training.pytorch.floats import floats_in, is_float_type

HEAD = "import numpy as np, cv2, torch\nfrom PIL import Image\npicture = Image.open('a')\nimage = "


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("picture", False),
        ("np.array(picture)", False),
        ("np.array(picture, dtype=np.uint8)", False),
        ("np.array(picture, dtype='float32')", True),
        ("np.array(picture).astype(float)", True),
        ("np.float32(picture)", True),
        ("np.uint8(picture)", False),
        ("cv2.imread('a') / 255", True),
        ("cv2.resize(cv2.imread('a').astype(np.float32), (8, 8))", True),
        ("cv2.imread('a').astype(np.float32).transpose(2, 0, 1)", True),
        ("(cv2.imread('a') / 255).astype(np.uint8)", False),
        ("Image.fromarray(np.array(picture).astype(np.float32))", False),
        ("np.float32(picture) if input() else cv2.flip(np.float32(picture), 1)", True),
        ("np.uint8(picture) if input() else cv2.flip(np.float32(picture), 1)", None),
        ("np.array(picture).astype(input())", None),
        ("torch.load('a')", None),
        ("3", None),
    ],
)
def test_what_an_image_is(tmp_path, image, expected):
    found = floats_in(names(followed(tmp_path, HEAD + image))["image"])
    assert (found[0] if found is not None else None) is expected


def test_types_by_name(tmp_path):
    known = names(followed(tmp_path, "import torch, numpy as np\na, b, c = torch.float, np.int64, 'float32'\n"))
    assert [is_float_type(known[name]) for name in "abc"] == [True, False, True]
    assert not is_float_type(None)
