import copy

import pytest
import torch
from torch import nn

from diagnose.autopsy.forwarding import Network
from diagnose.autopsy.inputs import Pictures
from diagnose.autopsy.variants import AVERAGED, BATCH, ESTIMATED, LOW, RUNNING, Variant
from diagnose.model.checkpoint import STATISTICS, Feed

FEED = Feed(8)


def variant(how, feed=FEED):
    return Variant(STATISTICS, how, feed, how)


@pytest.fixture
def pictures(colours):
    return Pictures([str(path) for path in sorted((colours / "val").rglob("*.png"))])


@pytest.fixture
def network():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    average = {"4.bias": torch.ones(3) * 9}
    return Network(model, torch.device("cpu"), {AVERAGED: average})


@pytest.mark.parametrize("how", [RUNNING, BATCH, ESTIMATED, AVERAGED, LOW])
def test_the_network_is_as_before_afterwards(network, pictures, how):
    before = copy.deepcopy(network.model.state_dict())
    plain = network.outputs(pictures, variant(RUNNING), 0, 40)
    given = network.outputs(pictures, variant(how), 0, 40, pictures)
    assert given.shape == (40, 3)
    assert torch.equal(given, plain) is (how == RUNNING)
    assert torch.equal(network.outputs(pictures, variant(RUNNING), 0, 40), plain)
    assert all(torch.equal(value, before[key]) for key, value in network.model.state_dict().items())
    assert not network.model.training


def test_re_estimated_statistics_are_those_of_the_images(network, pictures):
    network.outputs(pictures, variant(ESTIMATED), 0, 8, pictures)
    (state,) = network._estimates[FEED]
    seen = network.model[0](pictures.made(FEED, 0, 64).float() / 255).detach()
    assert torch.allclose(state["running_mean"], seen.mean((0, 2, 3)), atol=0.2)
    assert not torch.equal(state["running_mean"], network.model[1].running_mean)


def test_train_mode_is_that_of_the_batch(network, pictures):
    by_mode = network.outputs(pictures, variant(RUNNING, Feed(8, mode="train")), 0, 16)
    assert torch.allclose(by_mode, network.outputs(pictures, variant(BATCH), 0, 16), atol=1e-5)


class Several(nn.Module):
    def __init__(self, wrap):
        super().__init__()
        self.wrap = wrap

    def forward(self, images):
        return self.wrap(images.flatten(1)[:, :3])


@pytest.mark.parametrize("wrap", [lambda one: (one, 1), lambda one: {"logits": one}, lambda one: [one]])
def test_scores_among_other_outputs(pictures, wrap):
    assert Network(Several(wrap), torch.device("cpu")).outputs(pictures, variant(RUNNING), 0, 4).shape == (4, 3)


def test_other_outputs_are_refused(pictures):
    with pytest.raises(TypeError, match="not class scores"):
        Network(Several(str), torch.device("cpu")).outputs(pictures, variant(RUNNING), 0, 4)
