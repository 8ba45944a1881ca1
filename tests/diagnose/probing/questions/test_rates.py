import pytest

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
    told = question.told()
    assert told.configured == 1e-3
    assert len(told.tried) >= 1
    assert [one.rate for one in told.tried] == sorted(one.rate for one in told.tried)
    if told.suggested is not None:
        assert told.band[0] <= told.suggested <= told.band[1]
        assert told.band[0] < told.band[1]
        best = question.search.rate(question.search.optimum)
        assert told.suggested == pytest.approx(best * 2)  # batch 8 of 32, AdamW


def test_nothing_is_suggested_where_nothing_learns(setting, bench):
    frozen = Recipe("sgd", 1e-9, batch_size=8, frozen=("backbone", "fc"))
    question = Rates(setting(frozen), bench)
    question.search.losses = dict.fromkeys((-1, 0, 1), bench.run(question.arm, 0).losses + 5)
    assert question.suggested is None


def test_without_a_configuration_the_reference_is_searched(setting, bench):
    question = Rates(setting(None), bench)
    assert question.configured is None
    assert question.information(0) < Rates(setting(), bench).information(0)
    assert question.told() is None
