import pytest
from builders import ERROR, WARNING, dataset, only, program, silent, why_skipped
from diagnose.checks.n212_crop_larger_than_image import CHECK

from diagnose.model import Crop, Location, Step

SMALL = dataset(shorter_side=(64,) * 101)
MIXED = dataset(shorter_side=(*range(200, 300), 300))


def way(crop, name="random_crop", side="train_steps"):
    return program(**{side: (Step(name, "geometry", Location("train.py", 3), crop),)})


@pytest.mark.parametrize("crop", [Crop(64, None, 8), Crop(80, None, 8), Crop(224, 256), Crop(224, 224)])
def test_crops_that_fit_are_silent(crop):
    assert silent(CHECK, dataset=SMALL, code=way(crop))


def test_a_random_crop_raises_on_images_that_are_all_too_small():
    finding = only(CHECK, dataset=SMALL, code=way(Crop(224, None, 8)))
    assert finding.severity is ERROR
    assert (
        finding.summary == "A crop of 224 px is larger than training images (64 px, padded by 8 px): it raises on them."
    )
    assert finding.location.line == 3


def test_a_resize_before_it_counts_and_needs_no_data():
    finding = only(CHECK, code=way(Crop(299, 256), side="val_steps"))
    assert "validation images (256 px)" in finding.summary


def test_images_of_which_some_are_too_small_are_a_warning():
    assert only(CHECK, dataset=MIXED, code=way(Crop(224, None))).severity is WARNING


def test_a_centre_crop_pads_with_black():
    finding = only(CHECK, code=way(Crop(224, 64), "center_crop"))
    assert (finding.severity, "black" in finding.summary) == (WARNING, True)


def test_images_as_they_are_stored_need_the_scan():
    assert silent(CHECK, code=way(Crop(224, None)))
    assert "not known" in why_skipped(CHECK, code=program())
