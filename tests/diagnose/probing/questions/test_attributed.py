import pytest
from tiny_networks import TINY

from diagnose.model import SEEDS_TO_SHOW
from diagnose.probing.job import Goal
from diagnose.probing.questions.attributed import AttributionQuestion
from diagnose.probing.questions.rates import Rates
from diagnose.probing.recipe import Recipe


@pytest.fixture
def asked(setting, bench):
    def make(own, **job):
        chosen = setting(own, **job)
        rates = Rates(chosen, bench)
        return AttributionQuestion(chosen, bench, rates), rates

    return make


SICK = Recipe(batch_size=8, mean=(0, 0, 0), std=(1, 1, 1))


def ended(rates):
    """As if the search had ended without a suggestion."""
    rates.done, rates.search.losses = 1, dict.fromkeys(range(9), None)
    rates.search.diverged = set(range(9))


def test_it_waits_for_the_learning_rate(asked):
    question, rates = asked(SICK)
    assert question.information(0) == 0
    ended(rates)
    assert question.information(0) > 0


def test_every_part_is_measured_in_both_orders(asked, bench):
    question, rates = asked(SICK)
    ended(rates)
    for _ in range(2):
        question.run()
    told = question.told()
    assert {part.factor for part in told.parts} == {"weights", "preprocessing"}
    assert told.both_orders
    parts = sum(part.gain.difference for part in told.parts)
    assert parts + told.remainder.difference == pytest.approx(told.whole.difference)
    assert len({run.arm for run in bench.runs}) == 4


def test_on_a_cluster_all_arms_of_all_seeds_begin_at_once(asked, bench, elsewhere):
    question, rates = asked(SICK)
    ended(rates)
    bench.cluster = elsewhere()
    question.run()
    assert len(bench.cluster.begun) == len(set(bench.cluster.begun)) == 4 * SEEDS_TO_SHOW
    assert question.cost(1) == 0
    question.run()
    assert len(bench.cluster.begun) == 4 * SEEDS_TO_SHOW
    assert question.told().whole.seeds == 2


def test_what_is_as_it_should_be_has_nothing_to_attribute(asked):
    question, rates = asked(Recipe(batch_size=8), configured_weights="imagenet")
    ended(rates)
    assert question.information(0) == 0


def test_too_little_time_leaves_one_order(asked, bench):
    question, rates = asked(SICK)
    ended(rates)
    bench.speeds.of(TINY)
    bench.machine.deadline = 0.0
    assert not question.both


def test_another_configuration_needs_no_search(asked):
    goal = Goal(Recipe(batch_size=8, schedule="constant"), "none", ("schedule",))
    question, _ = asked(Recipe(batch_size=8), goal=goal)
    for _ in range(2):
        question.run()
    assert [part.factor for part in question.told().parts] == ["schedule"]


def test_without_a_configuration_there_is_nothing_to_attribute(asked):
    assert asked(None)[0].information(0) == 0
