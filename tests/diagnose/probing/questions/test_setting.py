import pytest

from diagnose.probing.recipe import Recipe


def test_a_rate_is_scaled_to_the_probes_batch(setting, bench):
    assert setting(Recipe("sgd", 0.1, batch_size=32)).own_arm(bench).recipe.learning_rate == pytest.approx(0.025)
    assert setting(Recipe("adam", 0.1, batch_size=32)).own_arm(bench).recipe.learning_rate == pytest.approx(0.05)


def test_what_makes_no_difference_here_is_as_if_not_said(setting, bench):
    own = setting(Recipe(outputs=2, input_size=224, steps=100, batch_size=8))
    assert own.own_arm(bench) == setting(Recipe(batch_size=8)).own_arm(bench)
    kept = setting(Recipe(outputs=5, input_size=16, steps=3)).own_arm(bench).recipe
    assert (kept.outputs, kept.input_size, kept.steps) == (5, 16, 3)


def test_where_it_starts(setting, bench):
    assert setting().own_weights == "none"
    assert setting(configured_weights="imagenet").own_weights == "own"
    assert setting(configured_weights="imagenet").own_arm(bench).weights
