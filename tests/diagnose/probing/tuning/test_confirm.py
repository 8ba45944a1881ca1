from dataclasses import replace

import pytest
import torch
from tiny_networks import TINY

from diagnose.probing.bench import Arm, Bench
from diagnose.probing.cache import Cache
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import Images
from diagnose.probing.tuning.confirm import MOST, Confirmation


@pytest.fixture
def confirmation():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(48) % 2
    pixels = (torch.randint(0, 120, (48, 3, 32, 32), generator=generator) + 100 * labels.view(-1, 1, 1, 1)).byte()
    bench = Bench(Images(pixels[:32], labels[:32], pixels[32:], labels[32:]), 2, None, 8, "", Cache(None), print)
    bench.emit = lambda event: None
    bench.steps = 6
    own = Arm("yours", TINY, False, Recipe("sgd", 1e-6, augmentations=()))
    return Confirmation(bench, own, replace(own, name="best", recipe=Recipe("sgd", 0.1, augmentations=())), 3000)


def test_a_gain_takes_two_seeds_and_knows_both_accuracies(confirmation):
    heard = []
    assert (confirmation.gain, confirmation.reached) == (None, None)
    confirmation.run(2, lambda: heard.append(confirmation.gain))
    assert heard[0] is None
    start, reached = confirmation.reached
    assert heard[1].difference == pytest.approx(reached - start)
    assert (heard[1].seeds, heard[1].images) == (2, 16)
    assert [run.seed for run in confirmation.bench.runs] == [3000, 3000, 3001, 3001]


def test_seeds_are_as_many_as_there_is_time_for_within_limits(confirmation):
    each = confirmation.bench.seconds(TINY, 6)
    assert confirmation.seeds(0.0) == 3
    assert confirmation.seeds(2 * each * 5.5) == 5
    assert confirmation.seeds(1e9) == MOST
