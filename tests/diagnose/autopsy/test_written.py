import pytest
from builders import config

from diagnose.autopsy.written import written
from diagnose.model import SYMMETRIC_STEP, UNIT_STEP, Act, BgrImages, Crop, Location, Program, Step
from diagnose.model.checkpoint import CHANNELS, GEOMETRY, MODE, NORMALISATION, RANGE

AT = Location("train.py", 7)


def parts(known):
    return {one.part for one in known}


def test_without_a_configuration_nothing_is_known():
    feed, known, assumed = written(None, None)
    assert (feed.size, known, assumed) == (0, (), ())


@pytest.mark.parametrize(
    ("scaling", "unit"),
    [((), "0..255"), ((UNIT_STEP,), "0..1"), ((SYMMETRIC_STEP,), "-1..1"),
     ((UNIT_STEP, UNIT_STEP), "0..1, divided by 255 again")],
)  # fmt: skip
def test_the_range_of_the_pixels(scaling, unit):
    feed, known, _ = written(config(scaling=scaling), None)
    assert feed.unit == unit
    assert RANGE in parts(known)


def test_validation_images_come_before_those_of_the_training():
    feed, known, _ = written(config(mean=(0.5,) * 3, std=(0.5,) * 3, val_mean=(0.4,) * 3, val_std=(0.2,) * 3), None)
    assert (feed.mean, feed.std) == ((0.4,) * 3, (0.2,) * 3)
    assert NORMALISATION in parts(known)


def test_a_size_alone_is_assumed_to_be_a_square():
    feed, known, assumed = written(config(input_size=96), None)
    assert (feed.size, feed.shape) == (96, "squash")
    assert GEOMETRY not in parts(known)
    assert assumed == ("pictures squashed to a square",)


def test_a_crop_that_was_read():
    step = Step("center_crop", "crop", AT, crop=Crop(64, 72))
    feed, known, _ = written(config(val_input_size=64), Program("pytorch", val_steps=(step,)))
    assert (feed.shape, feed.side, feed.size) == ("crop", 72, 64)
    assert next(one.location for one in known if one.part == GEOMETRY) == AT


@pytest.mark.parametrize("mixed", [True, False])
def test_images_that_cv2_reads(mixed):
    fact = BgrImages(AT, reader="cv2.imread", mixed=mixed)
    feed, known, assumed = written(config(), Program("pytorch", seen=(fact,)))
    assert feed.order == "BGR"
    assert (CHANNELS in parts(known)) is not mixed
    assert bool(assumed) is mixed


@pytest.mark.parametrize(
    ("acts", "mode"),
    [((), "eval"), ((Act("forward", AT, "validation", mode="train"),), "train"),
     ((Act("forward", AT, "validation", mode="train", when=frozenset({(1, True)})),), "eval"),
     ((Act("forward", AT, "train", mode="train"),), "eval")],
)  # fmt: skip
def test_a_validation_in_train_mode(acts, mode):
    feed, known, _ = written(config(), Program("pytorch", acts=acts))
    assert feed.mode == mode
    assert (MODE in parts(known)) is (mode == "train")
