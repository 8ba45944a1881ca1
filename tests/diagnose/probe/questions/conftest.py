"""A tiny setting: two classes told apart by brightness, a small ShuffleNet with weights of its own, a few steps."""

import dataclasses
import math

import pytest
import torch
from torchvision import models

from diagnose.probe.bench import Bench
from diagnose.probe.cache import Cache
from diagnose.probe.job import Job, Recipe
from diagnose.probe.questions.setting import Setting
from diagnose.probe.train import Images
from diagnose.probe.weights import Weights

NET = "shufflenet_v2_x0_5"


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(48) % 2
    pixels = torch.randint(0, 120, (48, 3, 32, 32), generator=generator) + 120 * labels.view(-1, 1, 1, 1)
    return Images(pixels[:32].byte(), labels[:32], pixels[32:].byte(), labels[32:])


@pytest.fixture
def weights():
    torch.manual_seed(5)
    return Weights(NET, "own", models.shufflenet_v2_x0_5().state_dict())


@pytest.fixture
def bench(images, weights):
    bench = Bench(images, 2, weights, 8, "pictures", Cache(None), lambda event: None, math.inf)
    bench.steps = 6
    return bench


@pytest.fixture
def setting(weights):
    """A function: the setting with these changes of the job and of the person's own recipe."""

    def make(own=Recipe(batch_size=8), found=weights, **job):  # noqa: B008
        items = tuple((f"/data/{number}.png", number % 2) for number in range(48))
        whole = Job(("dark", "light"), items[:32], items[32:], 60, root="/data", fingerprint="pictures",
                    arch=NET, configured_arch=NET, configured=own)  # fmt: skip
        return Setting(dataclasses.replace(whole, **job), NET, NET, found, own, lambda text: None)

    return make
