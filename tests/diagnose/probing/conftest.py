"""Two classes told apart by brightness, and a small ShuffleNet with weights of its own."""

import pytest
import torch
from torchvision import models

from diagnose.probing.train import Images
from diagnose.probing.weights import Weights

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
