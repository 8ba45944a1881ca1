from types import SimpleNamespace

import numpy as np
import pytest

from diagnose.probing import lr_range
from diagnose.probing.questions import rates as module
from diagnose.probing.questions.rates import Rates
from diagnose.probing.recipe import Recipe


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(module, "RANGE_STEPS", 14)
    monkeypatch.setattr(module, "SEARCH_STEPS", 10)
    monkeypatch.setattr(module, "LONG_STEPS", 12)


def test_a_range_test_then_a_search_to_its_end(setting, bench):
    question = Rates(setting(Recipe("adamw", 1e-3, batch_size=32, augmentations=())), bench)
    assert not question.finished
    while question.information(question.done):
        assert question.cost(question.done) > 0
        question.run()
    assert question.finished
    answer = question.answer()
    assert answer.configured == 1e-3
    assert len(answer.tried) >= 1
    assert [one.rate for one in answer.tried] == sorted(one.rate for one in answer.tried)
    if answer.suggested is not None:
        assert answer.band[0] <= answer.suggested <= answer.band[1]
        assert answer.band[0] < answer.band[1]
        best = question.search.rate(question.search.optimum)
        assert answer.suggested == pytest.approx(best * 2)  # batch 8 of 32, AdamW


@pytest.mark.parametrize(("first", "wanted"), [(2.0, [10, 12, 12, 12]), (0.1, [10, 10, 10])])
def test_where_the_first_run_learns_nothing_the_others_are_longer(setting, bench, monkeypatch, first, wanted):
    """first: the loss of the short runs at the best rate."""
    taken = []

    def trained(arm, seed, steps):
        taken.append(steps)
        loss = (first if steps == 10 else 0.1) + 0.1 * abs(np.log10(arm.recipe.learning_rate / best))
        return SimpleNamespace(losses=np.full(16, loss), diverged=False), False

    question = Rates(setting(Recipe("adamw", 1e-3, batch_size=8, augmentations=())), bench)
    question.run()
    best = question.search.rate(question.search.next() - (first > 1))
    monkeypatch.setattr(bench, "trained", trained)
    before = question.steps
    while question.information(question.done):
        question.run()
    assert taken == wanted
    assert question.steps == before + sum(wanted)
    assert question.suggested == pytest.approx(best)


def test_the_search_takes_no_more_steps_than_allowed(setting, bench, monkeypatch):
    def slope(arm, seed, steps):
        return SimpleNamespace(losses=np.full(16, -np.log10(arm.recipe.learning_rate)), diverged=False), False

    monkeypatch.setattr(bench, "trained", slope)
    monkeypatch.setattr(module, "ALLOWANCE", 60)
    question = Rates(setting(Recipe("adamw", 1e-3, batch_size=8, augmentations=())), bench)
    while question.information(question.done):
        question.run()
    assert 40 <= question.steps <= 60


def test_without_a_hint_the_search_begins_at_a_usual_rate(setting, bench, monkeypatch):
    monkeypatch.setattr(lr_range, "read", lambda rates, losses: lr_range.RangeTest(()))
    for configured, wanted in ((1e-4, 1e-4), (10.0, 1e-3)):
        question = Rates(setting(Recipe("adamw", configured, batch_size=8, augmentations=())), bench)
        question.run()
        assert question.search.hint == wanted


def test_nothing_is_suggested_where_nothing_learns(setting, bench):
    frozen = Recipe("sgd", 1e-9, batch_size=8, frozen=("backbone", "fc"))
    question = Rates(setting(frozen), bench)
    question.search.losses = dict.fromkeys((-1, 0, 1), bench.run(question.arm, 0).losses + 5)
    assert question.suggested is None


def test_without_a_configuration_the_reference_is_searched(setting, bench):
    question = Rates(setting(None), bench)
    assert question.configured is None
    assert question.information(0) < Rates(setting(), bench).information(0)
    assert question.answer() is None
