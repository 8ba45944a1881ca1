import pytest

from diagnose.probing.questions.configured import Configured
from diagnose.probing.questions.rates import Rates
from diagnose.probing.recipe import Recipe


@pytest.fixture
def asked(setting, bench):
    def make(own, suggested=None, **job):
        chosen = setting(own, **job)
        rates = Rates(chosen, bench)
        if suggested is not None:
            losses = bench.run(rates.arm, 99).losses * 0
            places = range(-30, 31)
            best = min(places, key=lambda place: abs(rates.search.rate(place) - suggested))
            rates.search.losses = {place: losses + abs(place - best) * 1e-3 for place in (best - 1, best, best + 1)}
            rates.done = 1
        return Configured(chosen, bench, rates)

    return make


def test_another_rate_is_confirmed_on_the_seeds_that_both_ran(asked, bench):
    question = asked(Recipe("sgd", 1e4, batch_size=8, augmentations=()), suggested=0.01)
    for _ in range(2):
        question.run()
    answer = question.answer()
    assert answer.configured_diverged
    assert answer.confirmed.seeds == 2
    assert answer.lost_steps is None
    assert [run.arm for run in bench.runs if run.seed < 99] == ["configured", "suggested", "configured", "suggested"]


def test_a_suggestion_that_comes_late_is_run_for_the_first_seeds_too(asked, bench):
    question = asked(Recipe("sgd", 1e-6, batch_size=8, augmentations=()), suggested=0.05)
    question.done = 2
    question.run()
    assert sorted(run.seed for run in bench.runs if run.arm == "suggested") == [0, 1, 2]


def test_a_suggestion_near_by_is_not_run(asked, bench):
    question = asked(Recipe("sgd", 0.02, batch_size=8, augmentations=()), suggested=0.02)
    question.run()
    assert {run.arm for run in bench.runs if run.seed < 99} == {"configured"}


def test_a_usual_rate_needs_no_confirming(asked, bench):
    question = asked(Recipe("sgd", 0.1, batch_size=8, augmentations=()), suggested=0.001)
    question.run()
    assert {run.arm for run in bench.runs if run.seed < 99} == {"configured"}


def test_half_way_is_compared_with_the_end(asked):
    question = asked(Recipe(batch_size=8, augmentations=()))
    assert question.overfit() is None
    for _ in range(2):
        question.run()
    assert question.overfit().seeds == 2


def test_without_a_configuration_there_is_nothing_to_ask(asked):
    question = asked(None)
    assert question.information(0) == 0
    assert question.results() == []
    assert question.answer() is None
