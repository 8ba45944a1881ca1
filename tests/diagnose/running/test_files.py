import numpy as np
import pytest
from PIL import Image

from diagnose.running.files import Opened, colours, order

RNG = np.random.default_rng(0)


def test_opened_images_are_named_once_in_their_order(tmp_path, monkeypatch):
    for name in ("b", "a"):
        Image.new("RGB", (4, 4)).save(tmp_path / f"{name}.png")
    opened = Opened()
    monkeypatch.setattr(Image, "open", Image.open)  # put back after the test
    opened.install()
    Image.open(tmp_path / "b.png").close()
    with open(tmp_path / "a.png", "rb") as stream:
        Image.open(stream).close()
    assert [name[-5:] for name in opened.taken()] == ["b.png", "a.png"]
    assert opened.taken() == []


def test_colours_of_a_file_and_of_none(tmp_path):
    Image.new("RGB", (40, 30), (200, 100, 20)).save(tmp_path / "warm.png")
    Image.new("L", (40, 30), 90).save(tmp_path / "grey.png")
    (tmp_path / "text.png").write_text("no image")
    assert colours(str(tmp_path / "warm.png")) == pytest.approx([200, 100, 20])
    assert colours(str(tmp_path / "grey.png")) is None
    assert colours(str(tmp_path / "text.png")) is None
    assert colours(str(tmp_path / "missing.png")) is None


@pytest.mark.parametrize(("take", "expected"), [((0, 1, 2), "rgb"), ((2, 1, 0), "bgr"), ((0, 0, 0), "")])
def test_the_order_of_channels_whatever_they_are_scaled_by(take, expected):
    files = RNG.uniform(20, 230, (12, 3))
    pairs = [(file, (file[list(take)] / 255 - 0.45) / 0.22) for file in files]
    assert order(pairs) == expected


def test_few_images_and_grey_ones_tell_nothing():
    files = RNG.uniform(20, 230, (3, 3))
    assert order([(file, file) for file in files]) == ""
    assert order([(np.array([90.0, 91.0, 90.5]), np.array([90.0, 91.0, 90.5]))] * 8) == ""
