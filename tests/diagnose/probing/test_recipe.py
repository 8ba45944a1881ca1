"""The person's configuration as a recipe: what trains the same is one recipe, and what cannot is named."""

import pytest
from builders import config

from diagnose.model import Config, Setting
from diagnose.probing.recipe import Recipe, configured_recipe

PLAIN = {
    "optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.8, "weight_decay": 0.0, "schedule": "constant",
    "scaling": (), "mean": (), "std": (), "train_augmentations": (), "loss": "cross_entropy",
}  # fmt: skip


def recipe_of(**more):
    return configured_recipe(config(**{**PLAIN, **more}))[0]


def test_the_recipe_is_the_configurations():
    recipe, notes = configured_recipe(config(**PLAIN, frozen=("layer1",), head=8, batch_size=64))
    zero, one = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    assert recipe == Recipe("sgd", 0.1, 0.8, 0.0, "constant", (), zero, one, (), ("layer1",), 8, 64)
    assert (notes, recipe.unsupported, recipe.why_not) == ((), (), "")


def test_what_the_configuration_leaves_open_is_said():
    recipe, (note,) = configured_recipe(config(optimizer="sgd", loss="cross_entropy"))
    assert (recipe.learning_rate, recipe.momentum, recipe.weight_decay) == (0.01, 0.0, 0.0)  # SGD's own defaults
    assert "learning_rate" in note
    assert "optimizer" not in note


@pytest.mark.parametrize(
    ("optimizer", "rate", "decay"), [("adamw", 1e-3, 0.01), ("adadelta", 1.0, 0.0), ("lion", 1e-4, 0.0)]
)
def test_every_optimizer_has_defaults_of_its_own(optimizer, rate, decay):
    recipe, _ = configured_recipe(config(optimizer=optimizer))
    assert (recipe.learning_rate, recipe.weight_decay) == (rate, decay)


@pytest.mark.parametrize(
    ("loss", "activation", "options", "same_as"),
    [
        ("nll", "log_softmax", (), ("cross_entropy", "none")),
        ("cross_entropy", "log_softmax", (), ("cross_entropy", "none")),
        ("categorical_crossentropy", "softmax", (), ("cross_entropy", "none")),
        ("sparse_categorical_crossentropy", "softmax", (), ("cross_entropy", "none")),
        ("sparse_categorical_crossentropy", "none", (("from_logits", True),), ("cross_entropy", "none")),
        ("categorical_crossentropy", "softmax", (("from_logits", True),), ("cross_entropy", "softmax")),
        ("categorical_crossentropy", "none", (), ("categorical_crossentropy", "none")),
        ("binary_crossentropy", "sigmoid", (), ("bce_with_logits", "none")),
        ("bce", "sigmoid", (), ("bce_with_logits", "none")),
        ("mean_squared_error", "softmax", (), ("mse", "softmax")),
        ("cross_entropy", "softmax", (), ("cross_entropy", "softmax")),
    ],
)
def test_pairs_of_loss_and_activation_that_train_the_same_are_one(loss, activation, options, same_as):
    recipe = recipe_of(loss=loss, output_activation=activation, loss_options=options)
    assert (recipe.loss, recipe.output_activation, recipe.loss_options) == (*same_as, ())
    assert recipe.why_not == ""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"optimizer": "lamb"}, "cannot train with LAMB"),
        ({"optimizer": "muon"}, "matrices alone"),
        ({"optimizer": "my_optimizer"}, "my_optimizer isn't known"),
        ({"loss": "my_loss"}, "the loss my_loss isn't known"),
        ({"loss": "dice"}, "cannot train with the loss dice"),
        ({"loss": "bce"}, "BCELoss stops"),
        ({"output_activation": "mish"}, "activation mish"),
    ],
)
def test_what_would_train_something_else_is_not_trained(said, why):
    assert why in recipe_of(**said).why_not


def test_a_rate_means_nothing_without_its_optimizer():
    assert "the optimizer isn't known" in configured_recipe(config(learning_rate=0.1))[0].why_not
    assert configured_recipe(config(train_augmentations=()))[0].why_not == ""


@pytest.mark.parametrize("name", ["optimizer", "loss"])
def test_a_program_has_one_whether_it_was_found_or_not(name):
    said = {**PLAIN}
    del said[name]
    settings = {key: Setting(value, True, "train.py", 1) for key, value in said.items()}
    unknown = Setting(file="train.py", why=f"`{name}` is not known: it is built at run time")
    assert f"the {name} isn't known" in configured_recipe(Config(**settings, **{name: unknown}))[0].why_not


@pytest.mark.parametrize("schedule", ["lambda", "manual", "cyclic", "my_schedule"])
def test_a_schedule_of_unknown_shape_is_replaced_and_said(schedule):
    recipe = recipe_of(schedule=schedule)
    assert (recipe.schedule, recipe.unlike, recipe.why_not) == ("cosine", ("schedule",), "")
    assert schedule in recipe.unsupported[0]


def test_what_the_program_computes_at_run_time_is_left_out_and_said():
    recipe = recipe_of(loss_options=(("class_weights", "computed"), ("label_smoothing", 0.1)))
    assert recipe.loss_options == (("label_smoothing", 0.1),)
    assert recipe.unsupported == ("class weights: computed at run time, left out",)


def test_an_option_that_the_optimizer_has_not_is_left_out_and_said():
    recipe = recipe_of(optimizer_options=(("betas", (0.9, 0.99)), ("clip_norm", 1.0), ("nesterov", True)))
    assert recipe.optimizer_options == (("clip_norm", 1.0), ("nesterov", True))
    assert recipe.unsupported == ("options of the optimizer that are left out: betas",)


def test_augmentations_have_one_name_and_mixing_is_one_of_them():
    recipe = recipe_of(train_augmentations=("hflip", "Rotate"), augmentation_options=(("mixup", 0.2),))
    assert recipe.augmentations == ("random_horizontal_flip", "random_rotation", "mixup")
    assert recipe == recipe_of(
        train_augmentations=("horizontal_flip", "random_rotation"), augmentation_options=(("mixup", 0.2),)
    )


def test_what_is_not_reproduced_makes_no_two_recipes_of_one():
    assert recipe_of(schedule="lambda") == recipe_of(schedule="manual")
    assert hash(recipe_of(schedule="lambda")) == hash(recipe_of(schedule="manual"))
