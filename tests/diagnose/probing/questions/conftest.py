"""A tiny setting: the images and weights of the probes' tests, and a few steps."""

import dataclasses

import pytest
from tiny_networks import TINY

from diagnose.probing.bench import Bench
from diagnose.probing.cache import Cache
from diagnose.probing.clock import Machine
from diagnose.probing.job import Job
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.recipe import Recipe


@pytest.fixture
def bench(images, weights, clock):
    bench = Bench(images, 2, weights, 8, "pictures", Cache(None), lambda event: None, Machine(clock))
    bench.steps = 6
    return bench


@pytest.fixture
def setting(weights):
    """A function: the setting with these changes of the job and of the person's own recipe."""

    def make(own=Recipe(batch_size=8), found=weights, **job):  # noqa: B008
        items = tuple((f"/data/{number}.png", number % 2) for number in range(48))
        whole = Job(("dark", "light"), items[:32], items[32:], 60, root="/data", fingerprint="pictures",
                    arch=TINY, configured_arch=TINY, configured=own)  # fmt: skip
        return ProbeSetting(dataclasses.replace(whole, **job), TINY, TINY, found, own)

    return make
