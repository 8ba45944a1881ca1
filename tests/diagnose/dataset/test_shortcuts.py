import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from diagnose.dataset.scan import scan
from diagnose.dataset.shortcuts import predicted, shortcuts
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store


@pytest.fixture
def shortcuts_of(tmp_path):
    """The shortcuts in two classes of noise images written by `save(image, folder, number)`, by attribute."""

    def look(save, count=60):
        for label, name in enumerate(("cat", "dog")):
            (tmp_path / name).mkdir()
            for number in range(count):
                rng = np.random.default_rng(1000 * label + number)
                size = rng.integers(40, 60, 2)
                image = Image.fromarray(rng.integers(0, 255, (size[0], size[1], 3)).astype(np.uint8))
                save(image, tmp_path / name, number)
        with Store() as store:
            list(scan(find_source(tmp_path), store, threading.Event()))
            return {one.attribute: one for one in shortcuts(store.db, "all", False)}

    return look


def plain(image, folder, number):
    image.save(folder / f"{number}.png")


def test_equal_attributes_predict_nothing(shortcuts_of):
    for one in shortcuts_of(plain).values():
        assert one.interval.low < 0.5 < one.interval.high + 0.1
        assert one.gain < 0.2


def test_the_size(shortcuts_of):
    def save(image, folder, number):
        image.resize((64, 64) if folder.name == "cat" else (64, 60)).save(folder / f"{number}.png")

    found = shortcuts_of(save)
    assert (found["size"].accuracy, found["size"].chance) == (1.0, 0.5)
    assert found["size"].gain > 0.9
    assert found["brightness"].gain < 0.3


def test_the_format(shortcuts_of):
    found = shortcuts_of(
        lambda image, folder, number: image.save(folder / f"{number}.{'png' if folder.name == 'cat' else 'bmp'}")
    )
    assert found["format"].gain > 0.9


def test_the_quality_of_the_encoder(shortcuts_of):
    def save(image, folder, number):
        image.save(folder / f"{number}.jpg", quality=90 if folder.name == "cat" else 75)

    assert shortcuts_of(save)["format"].gain > 0.9


def test_the_border(shortcuts_of):
    def save(image, folder, number):
        framed = ImageOps.expand(image, 5, "white" if folder.name == "cat" else "black")
        framed.save(folder / f"{number}.png")

    assert shortcuts_of(save)["border"].gain > 0.9


def test_the_brightness(shortcuts_of):
    def save(image, folder, number):
        image.point(lambda value: value // 2 if folder.name == "cat" else value).save(folder / f"{number}.png")

    assert shortcuts_of(save)["brightness"].gain > 0.9


def test_too_few_images_are_not_looked_at(shortcuts_of):
    assert shortcuts_of(plain, count=10) == {}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), classes=st.integers(2, 6))
def test_chance_stays_chance(seed, classes):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, 600)
    labels[:classes] = range(classes)
    bins = rng.integers(0, 20, (600, 3))
    assert np.mean(predicted(bins, labels, classes) == labels) < 1 / classes + 0.12


def three(tmp_path, save):
    for label, name in enumerate(("cat", "dog", "fox")):
        (tmp_path / name).mkdir()
        for number in range(60):
            pixels = np.random.default_rng(1000 * label + number).integers(0, 255, (48, 48, 3)).astype(np.uint8)
            save(Image.fromarray(pixels), tmp_path / name, number)
    with Store() as store:
        list(scan(find_source(tmp_path), store, threading.Event()))
        return {one.attribute: one for one in shortcuts(store.db, "all", False)}


def test_a_cue_of_one_class_of_three(tmp_path):
    def save(image, folder, number):
        side = 64 if folder.name == "fox" else 48 + number % 4
        image.resize((side, side)).save(folder / f"{number}.png")

    size = three(tmp_path, save)["size"]
    assert size.gain < 0.5
    assert [name for name, score in size.alone if score > 0.5] == ["fox"]


def test_no_class_stands_out_by_chance(tmp_path):
    for one in three(tmp_path, plain).values():
        assert all(score < 0.3 for _, score in one.alone)


def test_bars_of_one_class(tmp_path):
    def save(image, folder, number):
        image = image.resize((48, 36))
        framed = ImageOps.expand(image, (0, 6), "black") if folder.name == "fox" else image.resize((48, 48))
        framed.save(folder / f"{number}.png")

    bars = three(tmp_path, save)["bars"]
    assert [name for name, score in bars.alone if score > 0.5] == ["fox"]


def test_a_class_that_was_jpeg_before(shortcuts_of):
    def save(image, folder, number):
        image = image.resize((96, 96), Image.Resampling.BICUBIC)
        if folder.name == "cat":
            image.save(folder / "once.jpg", quality=15)
            with Image.open(folder / "once.jpg") as again:
                image = again.convert("RGB")
            (folder / "once.jpg").unlink()
        image.save(folder / f"{number}.png")

    assert shortcuts_of(save)["blocks"].gain > 0.7


def test_grey_pictures_of_one_class(shortcuts_of):
    found = shortcuts_of(_saved_grey_or_not)
    assert found["grey"].gain > 0.9


def _saved_grey_or_not(image, folder, number):
    (image.convert("L").convert("RGB") if folder.name == "cat" else image).save(folder / f"{number}.png")


def test_a_backdrop_predicts_and_the_middle_does_not(shortcuts_of):
    def save(image, folder, number):
        image = image.resize((64, 64))
        cloth = image.point(lambda value: value // 4 + (40 if folder.name == "cat" else 90))
        cloth.paste(image.crop((12, 12, 52, 52)), (12, 12))
        cloth.save(folder / f"{number}.png")

    found = shortcuts_of(save)
    assert found["surround"].gain > 0.9
    assert found["middle"].gain < 0.3
