"""What a way of images comes to in fields: what was seen stays known, what was not is unknown."""

import pytest

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Items, Ref, unknown
from diagnose.model import UNIT_STEP, Location
from diagnose.training.fields import Fields
from diagnose.training.pytorch.steps import Pipeline, numbers, settle

AT = Location("train.py", 3)
LATER = Location("train.py", 9)
FIELDS = ("train_augmentations", "input_size", "scaling", "mean", "std")


def settled(way, val=False):
    fields = Fields("train.py")
    settle(way, fields, val)
    return {name: setting.value if setting.known else "?" for name, setting in fields.settings.items()}


def test_no_way_says_nothing():
    assert settled(None) == settled(Pipeline()) == {}


def test_a_way_that_is_known_says_what_it_lacks():
    settings = settled(Pipeline(at=AT, size=(224, AT)))
    assert settings.pop("augmentation_options") == ()
    assert settings == {"train_augmentations": (), "input_size": 224, "scaling": (), "mean": (), "std": ()}


def test_the_validation_side_has_fields_of_its_own():
    assert set(settled(Pipeline(at=AT), val=True)) == {"val_augmentations", "val_scaling", "val_mean", "val_std"}


def test_a_way_of_which_a_part_is_not_known_keeps_what_was_seen():
    way = Pipeline(at=AT, unsure="x was not followed", scaling=[(UNIT_STEP, AT)], random=[("flip", AT)])
    assert settled(way) == {
        "train_augmentations": "?",
        "augmentation_options": "?",
        "input_size": "?",
        "scaling": (UNIT_STEP,),
        "mean": "?",
        "std": "?",
    }


def test_a_doubt_on_the_values_leaves_the_augmentations_known():
    way = Pipeline(at=AT, random=[("flip", AT)])
    way.doubt("first")
    way.doubt("second")
    assert way.unsure_values == "first"
    settings = settled(way)
    assert settings.pop("augmentation_options") == ()
    assert settings == {"train_augmentations": ("flip",), "scaling": "?", "mean": "?", "std": "?"}


def test_a_doubt_on_the_augmentations_leaves_the_values_known():
    settings = settled(Pipeline(at=AT, unsure_random="it draws"))
    assert (settings["train_augmentations"], settings["mean"]) == ("?", ())


def test_statistics_that_are_computed_when_it_runs_are_unknown():
    way = Pipeline(at=AT)
    way.subtract(None, AT)
    assert (settled(way)["mean"], settled(way)["std"]) == ("?", "?")
    way.divide((0.5,) * 3, AT)
    assert settled(way)["std"] == (0.5,) * 3


def test_what_follows_replaces_statistics_and_adds_the_rest():
    first = Pipeline(at=AT, mean=((0.1,) * 3, AT), random=[("flip", AT)], scaling=[(UNIT_STEP, AT)], size=(32, AT))
    first.go_on(Pipeline(at=LATER, mean=((0.2,) * 3, LATER), random=[("crop", LATER)], unsure_random="why"))
    assert first.mean == ((0.2,) * 3, LATER)
    assert first.random == [("flip", AT), ("crop", LATER)]
    assert (first.size, first.unsure_random) == ((32, AT), "why")


def test_a_way_is_empty_until_something_was_seen_of_its_values():
    assert Pipeline(at=AT).empty
    assert not Pipeline(unsure="x").empty
    assert not Pipeline(unsure_values="x").empty


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Const(AT, 0.5), (0.5,) * 3),
        (Items(AT, (Const(AT, 1), Const(AT, 2), Const(AT, 3))), (1.0, 2.0, 3.0)),
        (Ref(AT, "timm.data.IMAGENET_INCEPTION_MEAN"), (0.5,) * 3),
        (Ref(AT, "elsewhere.MEAN"), None),
        (unknown(Reason.RUN, "it is computed", AT), None),
        (Const(AT, "0.5"), None),
        (Items(AT, ()), None),
        (None, None),
    ],
)
def test_one_or_three_numbers(value, expected):
    assert numbers(value) == expected


def test_a_field_knows_the_place_that_said_it():
    fields = Fields("train.py")
    settle(Pipeline(at=AT, mean=((0.5,) * 3, LATER)), fields)
    assert (fields.settings["mean"].line, fields.settings["scaling"].line) == (9, 3)
