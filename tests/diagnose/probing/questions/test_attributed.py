import dataclasses

import numpy as np
import pytest
from tiny_networks import TINY

from diagnose.model import RECIPE, SEEDS_TO_SHOW
from diagnose.probing.job import Goal
from diagnose.probing.questions.attributed import AttributionQuestion
from diagnose.probing.questions.compared import CompareArms
from diagnose.probing.questions.rates import Rates
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import Trained


@pytest.fixture
def asked(setting, bench):
    def make(own, **job):
        chosen = setting(own, **job)
        rates = Rates(chosen, bench)
        return AttributionQuestion(chosen, bench, rates), rates

    return make


SICK = Recipe(batch_size=8, mean=(0, 0, 0), std=(1, 1, 1))
UNLIKE = dataclasses.replace(SICK, schedule="constant")  # of which the repaired set-up isn't the reference


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
    answer = question.answer()
    assert {part.factor for part in answer.parts} == {"weights", "preprocessing"}
    assert answer.both_orders
    parts = sum(part.gain.difference for part in answer.parts)
    assert parts + answer.remainder.difference == pytest.approx(answer.whole.difference)
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
    assert question.answer().whole.seeds == 2


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
    assert [part.factor for part in question.answer().parts] == ["schedule"]


def test_without_a_configuration_there_is_nothing_to_attribute(asked):
    assert asked(None)[0].information(0) == 0


class Frozen:
    """Frozen features that answered these images."""

    def __init__(self, hits):
        self.hits = np.array(hits, float)


@pytest.fixture
def reached(setting, bench, monkeypatch):
    """A function: the attribution where every arm but the reference gets `own` of 16 images right, the reference
    `reference` (a number for each seed) and frozen features `frozen`."""

    def make(own=8, reference=None, frozen=None, recipe=UNLIKE, seeds=2, **job):
        def hits(count):
            return np.array([1.0] * count + [0.0] * (16 - count))

        chosen = setting(recipe, **job)
        rates, compared = Rates(chosen, bench), CompareArms(chosen, bench)
        ended(rates)
        features = Frozen(hits(frozen)) if frozen is not None else Frozen([])
        question = AttributionQuestion(chosen, bench, rates, compared, features)

        def run(arm, seed, halfway=False):
            count = own if arm != compared.arms[-1] else reference[seed]
            done = Trained(((0, 1.0),), hits(count), hits(count), False, 8, 1.0, 1.0)
            return bench._done.setdefault(arm, {}).setdefault(seed, done)

        monkeypatch.setattr(bench, "run", run)
        wanted = [*question._arms(True).values()] or [chosen.own_arm(bench)]
        for seed in range(seeds):
            for arm in wanted:
                run(arm, seed)
        for seed in range(len(reference or ())):
            run(compared.arms[-1], seed)
        question._both = True
        return question.answer()

    return make


def last(answer):
    part = answer.parts[-1]
    return part.factor, part.before, part.after


def test_the_reference_recipe_is_a_part_where_it_is_shown_better(reached):
    answer = reached(reference=[15, 15])
    assert last(answer) == (RECIPE, "yours", "the reference recipe")
    assert answer.goal == pytest.approx(15 / 16)
    assert [part.factor for part in answer.parts].count(RECIPE) == 1


def test_frozen_features_are_a_part_where_they_are_shown_better(reached):
    answer = reached(frozen=16)
    assert last(answer) == (RECIPE, "training the network", "a linear probe on frozen features")
    assert answer.goal == 1.0


@pytest.mark.parametrize("others", [{"reference": [9, 9]}, {"frozen": 9}, {"frozen": 5, "reference": [4, 4]}, {}])
def test_what_is_not_shown_better_is_no_part(reached, others):
    answer = reached(**others)
    assert RECIPE not in {part.factor for part in answer.parts}
    assert answer.goal == pytest.approx(0.5)


def test_the_best_of_those_that_are_shown_better_is_the_best_known(reached):
    assert last(reached(reference=[14, 14], frozen=16))[2] == "a linear probe on frozen features"
    assert last(reached(reference=[16, 16], frozen=14))[2] == "the reference recipe"


def test_a_higher_mean_that_is_not_shown_hides_none_that_is(reached):
    """The reference reached more on average, by one lucky seed; frozen features are surely better."""
    answer = reached(reference=[16, 9], own=3, frozen=12)
    assert last(answer)[2] == "a linear probe on frozen features"


def test_a_reference_of_fewer_seeds_is_compared_on_those(reached):
    answer = reached(reference=[16, 16], seeds=4)
    assert last(answer)[2] == "the reference recipe"
    assert (answer.goal, answer.whole.seeds) == (1.0, 2)


def test_a_reference_of_one_seed_is_not_compared(reached):
    answer = reached(reference=[16], seeds=4)
    assert (answer.whole.seeds, RECIPE in {part.factor for part in answer.parts}) == (4, False)


HEALTHY = {"recipe": Recipe(batch_size=8, schedule="constant"), "configured_weights": "imagenet"}


def test_a_healthy_configuration_behind_the_reference_has_the_recipe_to_explain_it(reached):
    answer = reached(reference=[16, 16], **HEALTHY)
    assert [part.factor for part in answer.parts] == [RECIPE]
    assert answer.remainder.difference == 0


def test_a_healthy_configuration_that_nothing_is_better_than_has_nothing_to_explain(reached):
    assert reached(reference=[9, 9], **HEALTHY) is None


def test_features_of_fewer_images_are_not_compared(setting, bench):
    rates = Rates(setting(SICK), bench)
    ended(rates)
    question = AttributionQuestion(setting(SICK), bench, rates, None, Frozen([1.0] * 8))
    assert question._beyond([0, 1], question.ends[0]) == ([0, 1], None)


def test_another_configuration_leads_nowhere_beyond(reached):
    goal = Goal(Recipe(batch_size=8, schedule="constant"), "none", ("schedule",))
    answer = reached(recipe=Recipe(batch_size=8), goal=goal, frozen=16)
    assert RECIPE not in {part.factor for part in answer.parts}
