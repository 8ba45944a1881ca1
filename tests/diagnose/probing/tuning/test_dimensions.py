from dataclasses import replace

import pytest

from diagnose.probing.recipe import Recipe
from diagnose.probing.tuning.dimensions import RATE, Around
from diagnose.probing.tuning.space import Space

SGD = Recipe("sgd", 0.01, weight_decay=1e-4, batch_size=32)


def space(own=SGD, **more):
    return Space(Around(own, **{"short": False, **more}))


def names(made):
    return [one.name for one in made.dimensions]


def dimension(made, name):
    return next(one for one in made.dimensions if one.name == name)


def test_rates_are_possible_ones_around_the_persons():
    rate = dimension(space(), RATE)
    assert (rate.low, rate.high) == (pytest.approx(1e-4), pytest.approx(0.1))
    wild = dimension(space(replace(SGD, learning_rate=10.0)), RATE)
    assert wild.high == pytest.approx(3.0)  # what the catalogue holds for possible at all
    assert wild.within(wild.own) == wild.high


@pytest.mark.parametrize(("own", "high"), [(0.01, 0.01), (10.0, 0.1), (1e-6, 0.1)])
def test_short_trainings_ask_for_no_higher_rate_than_a_usual_one(own, high):
    assert dimension(space(replace(SGD, learning_rate=own), short=True), RATE).high == pytest.approx(high)


def test_short_trainings_weaken_nothing_that_regularises():
    own = replace(SGD, head_options=(("dropout", 0.2),), loss_options=(("label_smoothing", 0.1),))
    made = space(own, short=True)
    assert dimension(made, "dropout").choices == (0.2, 0.5)
    assert "label smoothing" not in names(made)
    assert dimension(made, "augmentation").choices == ("flip", "flip and crop", "flip, crop and color jitter")
    assert any("--budget" in line for line in made.left_out)
    assert dimension(space(own), "dropout").choices == (0.2, 0.0, 0.5)


@pytest.mark.parametrize(
    ("own", "more", "name", "why"),
    [
        (replace(SGD, optimizer="rprop"), {}, "weight decay", "takes none"),
        (SGD, {}, "frozen layers", "random weights"),
        (SGD, {"dropout": False}, "dropout", "takes none"),
        (replace(SGD, loss="mse"), {}, "label smoothing", "mse takes none"),
        (SGD, {"framework": "keras"}, "mixup", "shares of classes"),
        (replace(SGD, augmentations=("cutmix",)), {}, "mixup", "mixed otherwise"),
        (replace(SGD, schedule="onecycle"), {}, "schedule", "peak"),
        (SGD, {"fixed": {"learning_rate": "computed"}}, "learning rate", "computed"),
        (SGD.without("schedule", "its lengths aren't known"), {}, "schedule", "lengths"),
    ],
)
def test_what_cannot_be_expressed_is_left_out_with_why(own, more, name, why):
    made = space(own, **more)
    assert name not in names(made)
    assert any(line.startswith(f"{name}: ") and why in line for line in made.left_out)


def test_classes_that_a_flip_swaps_are_not_flipped():
    made = space(replace(SGD, augmentations=()), classes=("left_hand", "right_hand"))
    assert "augmentation" not in names(made)
