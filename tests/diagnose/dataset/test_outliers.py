import threading

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from diagnose.dataset.outliers import outliers
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store


def scene(number, size=(320, 256)):
    """Sharp shapes of many sizes with a little noise."""
    rng = np.random.default_rng(number)
    pixels = np.zeros((size[1], size[0], 3))
    for _ in range(60):
        left, top = rng.integers(0, size[0] - 20), rng.integers(0, size[1] - 20)
        pixels[top : top + rng.integers(5, 90), left : left + rng.integers(5, 90)] = rng.integers(0, 255, 3)
    return Image.fromarray(np.clip(pixels + rng.normal(0, 4, pixels.shape), 0, 255).astype(np.uint8))


@pytest.fixture
def found(tmp_path):
    """The names of the outliers by kind, of sixty scenes and these others beside them."""

    def look(others, ending="jpg", scenes=60):
        for number in range(scenes):
            folder = tmp_path / ("cat" if number % 2 else "dog")
            folder.mkdir(exist_ok=True)
            scene(number).save(folder / f"{number:03}.{ending}")
        for name, image in others.items():
            image.save(tmp_path / "cat" / f"{name}.{ending}")
        with Store() as store:
            list(scan(find_source(tmp_path), store, threading.Event()))
            return {
                kind: [
                    store.relative(store.execute("SELECT path FROM image WHERE id = ?", (int(n),)).fetchone()[0])
                    for n in ids
                ]
                for kind, ids in outliers(store.db).items()
            }

    return look


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_each_kind_is_found_and_nothing_else(found, ending):
    outliers_found = found(
        {
            "blank": Image.new("RGB", (320, 256), (90, 90, 90)),
            "black": ImageEnhance.Brightness(scene(100)).enhance(0.1),
            "white": Image.blend(scene(101), Image.new("RGB", (320, 256), "white"), 0.92),
            "soft": scene(102).filter(ImageFilter.GaussianBlur(6)),
        },
        ending,
    )
    assert outliers_found == {
        "flat": [f"cat/blank.{ending}"], "dark": [f"cat/black.{ending}"], "bright": [f"cat/white.{ending}"],
        "blurred": [f"cat/soft.{ending}"],
    }  # fmt: skip


def test_what_many_images_share_is_their_nature(found):
    dark = {f"night {number}": ImageEnhance.Brightness(scene(number)).enhance(0.1) for number in range(20)}
    assert "dark" not in found(dark, scenes=40)


def test_a_set_of_soft_pictures_has_no_blurred_ones(found):
    soft = {f"soft {number}": scene(number).filter(ImageFilter.GaussianBlur(6)) for number in range(30)}
    assert "blurred" not in found(soft, scenes=2)
