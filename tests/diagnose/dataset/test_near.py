import threading
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from diagnose.dataset.folder import find_layout
from diagnose.dataset.image import difference_hash
from diagnose.dataset.near import BANDS, band, flipped, look_the_same
from diagnose.dataset.scan import scan
from diagnose.dataset.store import Store

PHOTOS = sorted((Path(__file__).parents[3] / "sample_data/photos/train").rglob("*.jpg"))[::5]  # 80 photographs

EDITS = {
    "quality 50": lambda image, path: image.save(path, quality=50),
    "quality 90": lambda image, path: image.save(path, quality=90),
    "half size": lambda image, path: image.resize((image.width // 2, image.height // 2)).save(path, quality=90),
    "double size": lambda image, path: image.resize((image.width * 2, image.height * 2)).save(path, quality=90),
    "brighter": lambda image, path: ImageEnhance.Brightness(image).enhance(1.01).save(path, quality=90),
    "WebP": lambda image, path: image.save(path.with_suffix(".webp"), quality=80),
}


@pytest.fixture
def leaks(tmp_path):
    """What is found when the first twenty photographs of train come back in val, edited."""

    def found(edit):
        for number, path in enumerate(PHOTOS):
            folder = tmp_path / ("train" if number < 40 else "val") / path.parent.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.jpg").write_bytes(path.read_bytes())
            if edit and number < 20:
                copy = tmp_path / "val" / path.parent.name / f"copy of {number}.jpg"
                copy.parent.mkdir(parents=True, exist_ok=True)
                edit(Image.open(path), copy)
        with Store() as store:
            list(scan(find_layout(tmp_path), store, threading.Event()))
            return store.dataset()

    return found


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_edited_copies_are_found_and_nothing_else(leaks, edit):
    data = leaks(edit)
    numbers = [(Path(train).stem, Path(held).stem) for train, held in data.near_leaks]
    assert all(held == f"copy of {train}" for train, held in numbers)
    assert data.near_leaked_images["val"] == len(numbers) >= 15  # of 20; small and noisy, the hardest to tell


def test_different_photographs_are_not_the_same(leaks):
    assert leaks(None).near_leaks == ()


def test_a_hash_changes_little_where_the_picture_does():
    for path in PHOTOS[:20]:
        image = Image.open(path)
        half = image.resize((image.width // 2, image.height // 2))
        assert flipped(difference_hash(image), difference_hash(half)) <= 8
        assert -(2**63) <= difference_hash(image) < 2**63


def test_bands_are_the_whole_hash():
    hashed = difference_hash(Image.open(PHOTOS[0]))
    assert sum(band(hashed, number) << (16 * number) for number in range(BANDS)) == hashed % 2**64


def test_a_file_that_has_gone_looks_like_nothing(tmp_path):
    assert not look_the_same(str(PHOTOS[0]), str(tmp_path / "gone.jpg"))
