from dataclasses import replace

import pytest

from diagnose.probing.recipe import Recipe
from diagnose.probing.tuning.space import RATE, Around, Space, rounded

SGD = Recipe("sgd", 0.01, weight_decay=1e-4, batch_size=32)


def space(own=SGD, **more):
    return Space(Around(own, **{"short": False, **more}))


def names(made):
    return [one.name for one in made.dimensions]


def dimension(made, name):
    return next(one for one in made.dimensions if one.name == name)


def test_all_that_a_plain_recipe_can_express_is_searched():
    assert names(space(pretrained=True)) == [
        "learning rate", "weight decay", "schedule", "augmentation", "mixup", "frozen layers", "dropout",
        "label smoothing",
    ]  # fmt: skip


def test_the_persons_own_recipe_is_a_point_of_the_space():
    made = space(pretrained=True)
    assert made.recipe(made.own) == SGD
    assert made.changes(made.own) == ()


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


def test_a_change_says_its_words_and_its_fields():
    made = space(pretrained=True)
    params = {
        **made.own, RATE: 0.003, "schedule": "step", "augmentation": "flip and crop", "mixup": 0.2,
        "frozen layers": "backbone", "label smoothing": 0.1,
    }  # fmt: skip
    recipe = made.recipe(params)
    assert recipe.learning_rate == 0.003
    assert recipe.schedule_options == (("factor", 0.1), ("period", 1 / 3))
    assert recipe.augmentations == ("random_resized_crop", "random_horizontal_flip", "mixup")
    assert recipe.augmentation_options == (("mixup", 0.2),)
    assert (recipe.frozen, recipe.loss_options) == (("backbone",), (("label_smoothing", 0.1),))
    fields = dict(pair for change in made.changes(params) for pair in change.fields)
    assert fields == {
        "learning_rate": 0.003, "schedule": "step", "schedule_options.period": 1 / 3, "schedule_options.factor": 0.1,
        "train_augmentations": ("random_resized_crop", "random_horizontal_flip"), "augmentation_options.mixup": 0.2,
        "frozen": ("backbone",), "loss_options.label_smoothing": 0.1,
    }  # fmt: skip
    words = {change.factor: (change.before, change.after) for change in made.changes(params)}
    assert words["augmentation"] == ("random_horizontal_flip", "random_resized_crop, random_horizontal_flip")
    assert words["learning rate"] == ("0.01", "0.003")


def test_mixup_can_be_taken_back():
    own = replace(SGD, augmentations=("random_horizontal_flip", "mixup"), augmentation_options=(("mixup", 0.4),))
    made = space(own)
    recipe = made.recipe({**made.own, "mixup": 0.0})
    assert (recipe.augmentations, recipe.augmentation_options) == (("random_horizontal_flip",), ())
    bare = made.recipe({**made.own, "augmentation": "none"})
    assert bare.augmentations == ("mixup",)


def test_the_search_begins_with_other_rates():
    rates = [start[RATE] for start in space(replace(SGD, learning_rate=10.0), short=True).starts()]
    assert rates == [0.01, 0.1]
    assert all(start["schedule"] == "cosine" for start in space().starts())


def test_numbers_are_as_a_person_writes_them():
    assert [rounded(number) for number in (0.0123456, 3.14159e-5)] == [0.012, 3.1e-5]
