import pytest

from diagnose.autopsy.inputs import affine
from diagnose.autopsy.variants import variants
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD
from diagnose.model.checkpoint import (
    AVERAGE,
    CHANNELS,
    GEOMETRY,
    MODE,
    NORMALISATION,
    PRECISION,
    RANGE,
    STATISTICS,
    Feed,
)

DATA = ((0.4,) * 3, (0.2,) * 3)
WRITTEN = Feed(96, mean=IMAGENET_MEAN, std=IMAGENET_STD)


def made(written=WRITTEN, **more):
    values = {"train": True, "norms": True, "average": True, "any_side": True, **more}
    return list(variants(written, DATA, (224,), **values))


def words(found, kind):
    return [one.words for one in found if one.kind == kind]


def test_what_explains_most_often_comes_first():
    kinds = list(dict.fromkeys(one.kind for one in made()))
    assert kinds[0] == CHANNELS
    assert kinds.index(STATISTICS) < kinds.index(GEOMETRY) < kinds.index(PRECISION)
    assert {RANGE, NORMALISATION, AVERAGE} <= set(kinds)


def test_each_change_is_a_change_and_none_comes_twice():
    found = made()
    assert len({(one.feed, one.network) for one in found}) == len(found)
    same = [one for one in found if one.kind in (RANGE, NORMALISATION) and affine(one.feed) == affine(WRITTEN)]
    assert same == []


def test_raw_pixels_under_the_same_normalisation_are_undone_by_their_range():
    assert words(made(Feed(96, unit="0..255", mean=IMAGENET_MEAN, std=IMAGENET_STD)), RANGE)[0] == (
        "pixels of 0..1 in place of 0..255"
    )


@pytest.mark.parametrize(("train", "said"), [(True, "re-estimated on training images"), (False, "of each batch")])
def test_statistics_come_from_training_images_where_there_are_any(train, said):
    (only,) = words(made(train=train), STATISTICS)
    assert said in only


def test_without_norms_average_and_other_sides_those_are_left_out():
    found = made(norms=False, average=False, any_side=False)
    assert not words(found, STATISTICS)
    assert not words(found, AVERAGE)
    assert not [one for one in found if one.feed.size != 96]


def test_train_mode_is_changed_to_eval_mode():
    found = made(Feed(96, mode="train"))
    assert words(found, MODE) == ["eval mode in place of train mode"]
    assert not words(found, STATISTICS)


def test_a_larger_image_costs_as_its_pixels():
    assert next(one.cost for one in made() if one.feed.size == 128) == (128 / 96) ** 2


def test_grey_images_have_no_channel_order():
    assert not words(made(Feed(96, order="grey")), CHANNELS)
