"""Two classes told apart by brightness, a tiny network with weights of its own, and a clock that counts steps."""

import pytest
import torch
from steps import Steps
from tiny_networks import TINY, tiny

from diagnose.probing.cluster import _trained
from diagnose.probing.train import Images
from diagnose.probing.weights import Weights


@pytest.fixture
def clock():
    return Steps()


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(48) % 2
    pixels = torch.randint(0, 120, (48, 3, 32, 32), generator=generator) + 120 * labels.view(-1, 1, 1, 1)
    return Images(pixels[:32].byte(), labels[:32], pixels[32:].byte(), labels[32:])


@pytest.fixture
def weights():
    torch.manual_seed(5)
    return Weights(TINY, "own", tiny().state_dict())


class Elsewhere:
    """A cluster of this process alone: what it is given runs at once, in the way that a node would."""

    def __init__(self, lost=False):
        self.begun, self._results, self._lost = [], {}, lost

    def begin(self, bench, key, arm, seed, steps, halfway):
        self.begun.append((arm.name, seed))
        self._results[key] = None if self._lost else _trained(
            bench.images, bench.weights, "cpu", bench.classes, bench.batch, arm, seed, steps, halfway, bench.glanced
        )  # fmt: skip

    def __contains__(self, key):
        return key in self._results

    def result(self, key, seconds):
        return self._results.pop(key)


@pytest.fixture
def elsewhere():
    return Elsewhere
