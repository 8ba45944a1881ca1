"""The Probes of a session's answers so far, from a setting of tiny images."""

import dataclasses

import numpy as np
import pytest
import torch
from tiny_networks import TINY

from diagnose.model import FrozenFeatures, Interval
from diagnose.probing.answers import Answers
from diagnose.probing.bench import Bench
from diagnose.probing.cache import Cache
from diagnose.probing.clock import Machine
from diagnose.probing.job import Goal, Job
from diagnose.probing.pictures import Pictures
from diagnose.probing.questions.features import FeatureQuestions
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.recipe import Recipe
from diagnose.probing.scale import Arms


@pytest.fixture
def machine(clock):
    return Machine(clock)


@pytest.fixture
def asked(images, weights, machine):
    """A function: the answers of a job with these changes, its bench, and a maker of feature questions."""

    def make(found=weights, **changes):
        items = tuple((f"/data/{number}.png", number % 2) for number in range(48))
        job = Job(("dark", "light"), items[:32], items[32:], 60, root="/data", fingerprint="pictures", arch=TINY,
                  configured_arch=TINY, configured=Recipe(batch_size=8))  # fmt: skip
        job = dataclasses.replace(job, **changes)
        setting = ProbeSetting(job, TINY, TINY, found, job.configured)
        bench = Bench(images, 2, found, 8, "pictures", Cache(None), lambda event: None, machine)
        bench.steps = 6

        def features():
            pictures = Pictures(job.train, job.val, images.size, torch.device("cpu"), machine)
            pictures._train.pixels, pictures._val.pixels = images.train, images.val
            return FeatureQuestions(setting, pictures, Cache(None), machine, lambda event: None)

        answers = Answers(setting, features(), machine, ["a remark"], torch.device("cpu"))
        return answers, bench, features

    return make


def test_before_anything_has_answered_the_baseline_is_known(asked):
    probes = asked()[0].measured()
    assert (probes.runs, probes.prior, probes.frozen, probes.val_images) == ((), 0.5, None, 16)
    assert (probes.image_size, probes.device, probes.notes, probes.share) == (32, "cpu", ("a remark",), None)


def test_frozen_features_answer_before_there_is_a_bench(asked):
    answers, _, _ = asked()
    answers.features.run()
    probes = answers.measured()
    assert (probes.frozen.train_images, probes.frozen.val_images) == (32, 16)
    assert (probes.train_images, probes.val_images) == (32, 16)
    assert probes.curves


def test_the_first_answer_stays_until_a_later_one_takes_its_place(asked):
    """Larger images are asked about again; until they have answered, what the small ones said is not lost."""
    answers, bench, features = asked()
    answers.features.run()
    first = answers.features.frozen
    later = features()
    answers.ask(bench, later)
    probes = answers.measured()
    assert probes.frozen == first
    assert probes.suspects is not None
    later.run()
    later.frozen = dataclasses.replace(later.frozen, arch="another")
    assert answers.measured().frozen.arch == "another"


def test_arms_and_questions_follow_the_setting(asked):
    answers, bench, features = asked()
    answers.ask(bench, features())
    assert [arm.name for arm in answers.arms()] == ["configured", "scratch", "pretrained"]
    assert [arm.name for arm in answers.arms(Arms.PAIR)] == ["configured", "pretrained"]
    assert answers.reference.name == "pretrained"
    alone, bench, features = asked(found=None, configured=None)
    alone.ask(bench, features())
    assert [arm.name for arm in alone.arms()] == [arm.name for arm in alone.arms(Arms.PAIR)] == ["scratch"]


def test_two_configurations_are_asked_about_nothing_else(asked):
    goal = Goal(Recipe(batch_size=8, schedule="constant"), "none", ("schedule",))
    answers, bench, features = asked(goal=goal)
    answers.ask(bench, features())
    assert (
        [arm.name for arm in answers.arms()]
        == [arm.name for arm in answers.arms(Arms.PAIR)]
        == ["configured", "the other"]
    )
    assert [question.name for question in answers.questions] == ["the configuration", "which factor explains what"]


def test_what_there_was_no_time_for_is_dropped_by_name(asked):
    answers, bench, features = asked()
    answers.ask(bench, features())
    assert answers.measured().dropped == ()  # it is not over yet
    answers._configured.run()
    answers.end()
    dropped = answers.measured().dropped
    assert "the configuration" not in dropped
    assert {"frozen features", "scratch against pretrained"} <= set(dropped)
    assert "which factor explains what" in dropped  # also where the learning rate that it waits for came never


def test_nothing_to_explain_is_not_dropped(asked):
    answers, bench, features = asked(configured_weights="imagenet")
    answers.ask(bench, features())
    answers.end()
    assert "which factor explains what" not in answers.measured().dropped


def test_the_matrix_is_of_the_arm_that_is_right_most_often(asked):
    answers, bench, features = asked()
    answers.ask(bench, features())
    assert answers.measured().confusion is None
    reached = {}
    for arm in answers.arms():
        reached[arm.name] = [bench.run(arm, seed).hits.mean() for seed in range(2)]
    probes = answers.measured().confusion
    assert np.mean(reached[probes.arm]) == max(map(np.mean, reached.values()))
    assert np.sum(probes.counts) == 2 * 16
    assert np.trace(probes.counts) == round(16 * sum(reached[probes.arm]))


def test_the_matrix_is_of_frozen_features_where_they_are_better(asked):
    answers, bench, features = asked()
    better = features()
    answers.ask(bench, better)
    done = bench.run(answers.reference, 0)
    better.frozen = FrozenFeatures(TINY, 1.1, Interval(0.9, 1.0), 32, 16)
    better.predicted = 1 - bench.images.val_labels.numpy()
    probes = answers.measured().confusion
    assert (probes.arm, probes.counts) == ("frozen features", ((0, 8), (8, 0)))
    better.predicted = better.predicted[:8]  # of fewer images than the arms answered: not compared
    assert answers.measured().confusion.arm == "pretrained"
    assert len(done.predicted) == 16


def test_the_share_of_the_processors_is_told(asked, machine):
    class Counting:
        share = 0.4

        def adapt(self, kind, pace):
            pass

    machine.threads = Counting()
    answers, bench, features = asked()
    assert answers.measured().share == 0.4
    answers.ask(bench, features())
    assert answers.measured().share == 0.4
