import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.model import RECIPE, Confidence, usual_band
from diagnose.probing.attribution import (
    Beyond,
    Setup,
    arms,
    attribution,
    best_known,
    described,
    differing,
    joined,
    well_centred,
)
from diagnose.probing.recipe import FACTORS, Recipe

SICK = Setup(Recipe("sgd", 1.0, scaling=(), mean=(0, 0, 0), std=(1, 1, 1), batch_size=32), "none")


def measured(effects, both=True, seeds=6, interaction=0.0, noise=0.02, beyond=None):
    """Attribution of made-up effects (0..1) that add up, but for `interaction` where all are changed.

    beyond: the accuracy of another way of training.
    """
    rng = np.random.default_rng(0)
    own, goal = SICK, best_known(SICK, "ImageNet", 0.01)
    wanted = arms(own, goal, tuple(effects), both)

    def hits(name):
        factor = name.split(" ", 1)[-1]
        has = {"configured": [], "goal": list(effects)}.get(name)
        if has is None:
            has = [factor] if name.startswith("with ") else [other for other in effects if other != factor]
        level = 0.3 + sum(effects[one] for one in has) + (interaction if len(has) == len(effects) > 1 else 0)
        return [level + noise * rng.standard_normal(200) for _ in range(seeds)]

    further = [beyond + noise * rng.standard_normal(200) for _ in range(seeds)] if beyond is not None else []
    better = Beyond("yours", "the reference recipe", further) if further else None
    answer = {name: hits(name) for name in wanted}
    if not effects:  # the repaired set-up is the person's own
        answer["goal"] = answer["configured"]
    return attribution(own, goal, tuple(effects), answer, both, "net", beyond=better)


def test_the_parts_and_the_remainder_add_up_to_the_whole():
    answer = measured({"weights": 0.2, "preprocessing": 0.05, "learning rate": 0.1}, interaction=0.08)
    parts = sum(part.gain.difference for part in answer.parts)
    assert parts + answer.remainder.difference == pytest.approx(answer.whole.difference)
    assert answer.goal - answer.start == pytest.approx(answer.whole.difference)


@settings(max_examples=20, deadline=None)
@given(
    effects=st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=4), both=st.booleans(), together=st.floats(-0.2, 0.2)
)
def test_they_add_up_whatever_the_effects_are(effects, both, together):
    answer = measured(dict(zip(FACTORS, effects, strict=False)), both, interaction=together)
    parts = sum(part.gain.difference for part in answer.parts)
    assert parts + answer.remainder.difference == pytest.approx(answer.whole.difference)


def test_effects_that_add_up_are_found_and_the_largest_comes_first():
    answer = measured({"preprocessing": 0.05, "weights": 0.2})
    assert [part.factor for part in answer.parts] == ["weights", "preprocessing"]
    assert answer.parts[0].gain.difference == pytest.approx(0.2, abs=0.02)
    assert answer.parts[0].confidence is Confidence.SHOWN
    assert answer.remainder.difference == pytest.approx(0, abs=0.02)


def test_an_effect_of_nothing_is_not_decided():
    answer = measured({"weights": 0.3, "augmentation": 0.0}, noise=0.5)
    assert {part.factor: part.confidence for part in answer.parts}["augmentation"] is Confidence.NOT_DECIDED


def test_what_two_do_together_is_shared_between_them_in_both_orders():
    answer = measured({"weights": 0.1, "learning rate": 0.1}, interaction=0.2, noise=0.001)
    assert [round(part.gain.difference, 2) for part in answer.parts] == [0.2, 0.2]
    first = measured({"weights": 0.1, "learning rate": 0.1}, both=False, interaction=0.2, noise=0.001)
    assert first.remainder.difference == pytest.approx(0.2, abs=0.01)
    assert not first.both_orders


def test_one_factor_explains_everything():
    answer = measured({"weights": 0.2})
    assert answer.parts[0].gain.difference == pytest.approx(answer.whole.difference)


def test_one_seed_is_no_attribution():
    assert measured({"weights": 0.2}, seeds=1) is None


def test_a_healthy_set_up_has_nothing_to_mend():
    healthy = Setup(Recipe("adamw", 1e-3, batch_size=32), "ImageNet")
    assert differing(healthy, best_known(healthy, "ImageNet", 1e-3)) == ()
    halves = dataclasses.replace(healthy.recipe, mean=(0.5,) * 3, std=(0.5,) * 3, augmentations=("random_crop",))
    assert differing(Setup(halves, "ImageNet"), best_known(Setup(halves, "ImageNet"), "ImageNet", None)) == ()


@pytest.mark.parametrize(
    ("factor", "change"),
    [
        ("loss", {"output_activation": "softmax"}),
        ("frozen layers", {"frozen": ("backbone",)}),
        ("preprocessing", {"scaling": ()}),
        ("preprocessing", {"std": (-0.2, 0.2, 0.2)}),
        ("learning rate", {"learning_rate": 1.0}),
        ("augmentation", {"augmentations": ()}),
        ("augmentation", {"augmentations": ("random_vertical_flip",)}),
        ("shuffling", {"shuffle": False}),
        ("weight decay", {"weight_decay": 1.0}),
        ("input size", {"input_size": 16}),
        ("epochs", {"steps": 4}),
    ],
)
def test_each_fault_is_one_factor(factor, change):
    own = Setup(dataclasses.replace(Recipe(batch_size=32), **change), "ImageNet")
    assert differing(own, best_known(own, "ImageNet", None)) == (factor,)


def test_random_weights_are_a_factor_only_where_others_can_be_had():
    own = Setup(Recipe(batch_size=32), "none")
    assert differing(own, best_known(own, "ImageNet", None)) == ("weights",)
    assert differing(own, best_known(own, None, None)) == ()


@pytest.mark.parametrize("suggested", [None, 3e-3])
def test_a_usual_rate_is_left_alone_whatever_a_short_run_likes(suggested):
    own = Setup(Recipe("sgd", 0.1, batch_size=256), "ImageNet")
    assert best_known(own, "ImageNet", suggested).recipe.learning_rate == 0.1


def test_a_rate_out_of_the_usual_gives_way_to_the_suggestion_or_a_usual_one():
    own = Setup(Recipe("sgd", 10.0, batch_size=256), "ImageNet")
    assert best_known(own, "ImageNet", 0.03).recipe.learning_rate == 0.03
    assert best_known(own, "ImageNet", None).recipe.learning_rate == pytest.approx(0.01)


def test_an_optimizer_and_its_rate_are_one_factor():
    assert joined(["weights", "learning rate", "optimizer", "epochs"]) == (
        "weights", "learning rate and optimizer", "epochs")  # fmt: skip
    assert joined(["optimizer"]) == ("optimizer",)
    one, other = Setup(Recipe("sgd", 0.1)), Setup(Recipe("adamw", 1e-3))
    assert one.with_factor("learning rate and optimizer", other).recipe == other.recipe


@pytest.mark.parametrize(
    ("well", "recipe"),
    [
        (True, Recipe()),
        (True, Recipe(scaling=("-1..1",), mean=(0, 0, 0), std=(1, 1, 1))),
        (True, Recipe(scaling=(), mean=(123.7, 116.3, 103.5), std=(58.4, 57.1, 57.4))),
        (False, Recipe(scaling=(), mean=(0, 0, 0), std=(1, 1, 1))),
        (False, Recipe(mean=(0, 0, 0), std=(1, 1, 1))),
        (False, Recipe(scaling=("1/255", "1/255"))),
        (False, Recipe(mean=(123.7, 116.3, 103.5), std=(58.4, 57.1, 57.4))),
    ],
)
def test_what_networks_are_used_to(well, recipe):
    assert well_centred(recipe) is well


def test_factors_are_described_in_a_few_characters():
    assert described(SICK, "weights") == "none"
    assert described(SICK, "learning rate") == "1"
    assert described(SICK, "preprocessing") == "none, mean [0, 0, 0], std [1, 1, 1]"
    assert described(Setup(Recipe(steps=7)), "epochs") == "7 steps"


@pytest.mark.parametrize(
    ("loss", "activation"),
    [("cross_entropy", "none"), ("bce_with_logits", "none"), ("mse", "softmax"), ("focal", "none"), ("bce", "sigmoid")],
)
def test_a_loss_that_fits_its_outputs_is_left_alone(loss, activation):
    own = Setup(Recipe(batch_size=32, loss=loss, output_activation=activation), "ImageNet")
    assert differing(own, best_known(own, "ImageNet", None)) == ()


def test_a_single_output_gives_way_with_its_loss():
    own = Setup(Recipe(batch_size=32, loss="bce_with_logits", output_activation="sigmoid", outputs=1), "ImageNet")
    goal = best_known(own, "ImageNet", None)
    assert (goal.recipe.loss, goal.recipe.outputs) == ("cross_entropy", None)
    assert differing(own, goal) == ("loss",)


def test_what_one_side_does_not_reproduce_is_no_factor():
    one = Setup(Recipe(schedule="constant"))
    other = Setup(Recipe(schedule="cosine").without("schedule", "its shape isn't known"))
    assert differing(one, other) == ()
    assert differing(one, Setup(Recipe(schedule="cosine"))) == ("schedule",)


@pytest.mark.parametrize("optimizer", ["nadam", "lion", "adagrad"])
def test_a_rate_is_measured_by_its_optimizers_band(optimizer):
    own = Setup(Recipe(optimizer, 1.0, batch_size=256), "ImageNet")
    assert best_known(own, "ImageNet", None).recipe.learning_rate == usual_band(optimizer, 256)[1]


@settings(max_examples=30, deadline=None)
@given(
    effects=st.lists(st.floats(-0.3, 0.3), max_size=4), both=st.booleans(), together=st.floats(-0.2, 0.2),
    beyond=st.floats(0, 1),
)  # fmt: skip
def test_another_way_of_training_is_the_last_part_and_all_adds_up(effects, both, together, beyond):
    answer = measured(dict(zip(FACTORS, effects, strict=False)), both, interaction=together, beyond=beyond)
    parts = [part.gain.difference for part in answer.parts]
    assert answer.parts[-1].factor == RECIPE
    assert [part.factor for part in answer.parts].count(RECIPE) == 1
    assert parts[:-1] == sorted(parts[:-1], reverse=True)
    assert sum(parts) + answer.remainder.difference == pytest.approx(answer.whole.difference)
    assert answer.goal - answer.start == pytest.approx(answer.whole.difference)
    assert answer.goal == pytest.approx(beyond, abs=0.02)


def test_where_nothing_is_to_be_repaired_the_recipe_is_all_of_it():
    answer = measured({}, beyond=0.6)
    assert [(part.factor, part.before, part.after) for part in answer.parts] == [
        (RECIPE, "yours", "the reference recipe")]  # fmt: skip
    assert answer.parts[0].gain.difference == pytest.approx(answer.whole.difference)
    assert answer.remainder.difference == 0
    assert answer.parts[0].confidence is Confidence.SHOWN
