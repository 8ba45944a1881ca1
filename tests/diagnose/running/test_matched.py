"""Images that a network got are found again in the dataset, with their classes and colours."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import feed, ran
from PIL import Image

from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.model.run import TRAINING
from diagnose.running.matched import keep_samples, matched
from diagnose.running.recorder import FeedSeen

COUNT = 30
NUMBERS = {"cat": 0, "dog": 1}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The scan of two classes of smooth coloured pictures, each unlike all others."""
    root, rng = tmp_path_factory.mktemp("pets"), np.random.default_rng(0)
    for name in NUMBERS:
        (root / name).mkdir()
        for number in range(COUNT):
            values = (rng.integers(0, 176, (5, 7, 1)) + rng.integers(0, 80, (1, 1, 3))).astype(np.uint8)
            Image.fromarray(values).resize((90, 60), Image.Resampling.BICUBIC).save(root / name / f"{number}.png")
    with Store() as store:
        list(scan(find_source(str(root)), store, threading.Event()))
        yield store


def given(store, cut=None, change=lambda images: images, turned=False):
    """What a loader gives: half of the pictures at 48 px, normalised, with their class numbers."""
    images, labels = [], []
    for name, number in NUMBERS.items():
        for file in sorted(Path(store.root, name).iterdir())[::2]:
            with Image.open(file) as image:
                images.append(np.asarray((image.crop(cut) if cut else image).resize((48, 48)), np.float32))
            labels.append(number)
    batch = change((np.stack(images).transpose(0, 3, 1, 2) / 255 - 0.45) / 0.22)
    seen = FeedSeen(None, None, "TensorDataset", None, trained=1)
    keep_samples(seen, batch[:, ::-1] if turned else batch, np.array(labels))
    samples = tuple(replace(sample, part=TRAINING) for sample in seen.samples)
    bare = feed(folders=(), files_known=0, channel_order="")
    return ran(feeds=(bare,), samples=samples)


@pytest.mark.parametrize(
    ("cut", "change"),
    [
        (None, lambda images: images),
        ((15, 0, 75, 60), lambda images: images),  # the centre crop of Resize(60), CenterCrop(60)
        (None, lambda images: images[..., ::-1]),
        (None, lambda images: images[..., ::-1, :] * 0.8 + 0.3),
    ],
    ids=["squashed", "centre", "mirrored", "upside-down, darker"],
)
def test_each_image_is_found_with_its_class(store, cut, change):
    run = matched(given(store, cut, change), store.db)
    assert run.samples == ()
    assert run.training.files_known == COUNT
    assert set(run.training.folders) == {(name, number, COUNT // 2) for name, number in NUMBERS.items()}
    assert run.training.channel_order == "rgb"


def test_channels_in_another_order_are_seen(store):
    assert matched(given(store, turned=True), store.db).training.channel_order == "bgr"


def test_other_images_are_not_found(store):
    rng = np.random.default_rng(1)
    run = matched(given(store, change=lambda images: rng.random(images.shape, np.float32)), store.db)
    assert (run.training.files_known, run.training.folders, run.training.channel_order) == (0, (), "")


def test_classes_by_the_names_of_files_stay(store):
    run = given(store)
    known = feed(folders=(("cat", 0, 20), ("dog", 1, 20)), files_known=40)
    assert matched(replace(run, feeds=(known,)), store.db).training == known
