import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diagnose.autopsy.evaluation import Batch, Evaluation
from diagnose.autopsy.inputs import Pictures, affine, valued
from diagnose.autopsy.job import Job
from diagnose.autopsy.measured import measured
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD
from diagnose.model.checkpoint import GREY, GREY_THRICE, Feed


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """24 smooth pictures of 40x32 px in three classes."""
    folder, draw, files = tmp_path_factory.mktemp("smooth"), np.random.default_rng(0), []
    for number in range(24):
        small = draw.integers(0, 200, (5, 6, 1)) + draw.integers(0, 55, (5, 6, 3))
        path = folder / f"{number:02}.png"
        Image.fromarray(small.astype(np.uint8)).resize((40, 32), Image.Resampling.BICUBIC).save(path)
        files.append((str(path), number % 3))
    return Job("best.pth", ("a", "b", "c"), tuple(files))


def seen(job, feed, files=True, numbers=(0, 1, 2)):
    """An evaluation of all pictures in two batches."""
    paths = [path for path, _ in job.held_out]
    images = valued(Pictures(paths).made(feed, 0, len(paths)), feed).numpy()
    labels = np.array([numbers[label] for _, label in job.held_out])
    halves = (slice(0, 12), slice(12, 24))
    known = tuple(paths) if files else ()
    batches = [Batch(images[half], np.zeros((12, 3)), labels[half], known[half], False) for half in halves]
    return Evaluation(None, batches=batches)


@pytest.mark.parametrize(
    "feed",
    [
        Feed(16),
        Feed(16, order="BGR", mean=IMAGENET_MEAN, std=IMAGENET_STD),
        Feed(16, "crop", 16, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
        Feed(14, "crop", 16, unit="0..255"),
        Feed(16, "letterbox", unit="-1..1"),
        Feed(16, order=GREY),
        Feed(16, order=GREY_THRICE, mean=IMAGENET_MEAN, std=IMAGENET_STD),
        Feed(16, order="BGR", unit="0..255", mean=(103.94, 116.78, 123.68), std=(1.0, 1.0, 1.0)),
    ],
)
@pytest.mark.parametrize("files", [True, False])
def test_a_feed_is_measured_by_the_files_or_by_what_the_images_look_like(job, feed, files):
    found = measured(job, seen(job, feed, files))
    assert found.places == tuple(range(24))
    got = found.feed
    assert (got.shape, got.side or got.size, got.size) == (feed.shape, feed.side or feed.size, feed.size)
    assert got.order == feed.order
    assert affine(got) == pytest.approx(affine(feed), rel=0.02, abs=0.02)


def test_inverted_brightness_has_a_negative_deviation(job):
    upright = seen(job, Feed(16))
    for batch in upright.batches:
        batch.images = 1 - batch.images
    assert max(measured(job, upright).feed.std) < 0


def test_the_program_s_numbers_are_those_of_its_labels(job):
    assert measured(job, seen(job, Feed(16), numbers=(2, 0, 1))).order == (2, 0, 1)


def test_labels_that_contradict_each_other_give_no_order(job):
    mixed = seen(job, Feed(16))
    for batch in mixed.batches:
        batch.labels = np.arange(12) % 2
    assert measured(job, mixed).order is None


def test_pictures_of_another_place_are_unknown(job):
    noise = np.random.default_rng(1).random((12, 3, 16, 16))
    found = measured(job, Evaluation(None, batches=[Batch(noise, np.zeros((12, 3)), None, (), False)]))
    assert set(found.places) == {-1}
    assert (found.feed, found.order) == (None, None)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(1, 20), st.integers(1, 20), st.sampled_from([0.0, np.nan, np.inf, 1e30]))
def test_any_tensor_is_measured_or_left_unknown(job, channels, high, wide, value):
    images = np.full((3, channels, high, wide), value, np.float32)
    paths = tuple(path for path, _ in job.held_out[:3])
    found = measured(job, Evaluation(None, batches=[Batch(images, np.zeros((3, 3)), None, paths, True)]))
    assert found.feed is None
