from dataclasses import replace

from diagnose.probing.recipe import Recipe
from diagnose.probing.tuning.dimensions import RATE, Around
from diagnose.probing.tuning.space import Space, rounded

SGD = Recipe("sgd", 0.01, weight_decay=1e-4, batch_size=32)


def space(own=SGD, **more):
    return Space(Around(own, **{"short": False, **more}))


def names(made):
    return [one.name for one in made.dimensions]


def test_all_that_a_plain_recipe_can_express_is_searched():
    assert names(space(pretrained=True)) == [
        "learning rate", "weight decay", "schedule", "augmentation", "mixup", "frozen layers", "dropout",
        "label smoothing",
    ]  # fmt: skip


def test_the_persons_own_recipe_is_a_point_of_the_space():
    made = space(pretrained=True)
    assert made.recipe(made.own) == SGD
    assert made.changes(made.own) == ()


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
