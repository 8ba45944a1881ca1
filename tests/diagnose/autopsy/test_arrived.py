import pytest
import torch
from torch import nn

from diagnose.autopsy.arrived import arrived
from diagnose.autopsy.evaluation import Evaluation
from diagnose.autopsy.reading import Contents
from diagnose.model import InputError


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))


def state(seed=0, prefix=""):
    return {f"{prefix}{key}": value for key, value in network(seed).state_dict().items()}


def trained(seed=0, prefix=""):
    """The same after a training: no tensor is as it was made."""
    return {key: value + 0.1 if value.is_floating_point() else value for key, value in state(seed, prefix).items()}


def seen(model, loaded=True):
    return Evaluation(model, loaded=loaded)


@pytest.mark.parametrize("prefix", ["", "module.", "net.model."])
def test_all_that_arrived_leaves_nothing_out(prefix):
    found = arrived(seen(network()), Contents(state(prefix=prefix)))
    assert found.network.tensors.left_out == 0
    assert (found.whole, found.other, found.averaged, found.trained_here) == ({}, {}, False, False)


def test_what_did_not_arrive_is_named_and_can_be_put_back():
    model = network(1)
    model.load_state_dict({key: value for key, value in state().items() if not key.startswith("4.")}, strict=False)
    found = arrived(seen(model), Contents(state()))
    assert set(found.network.tensors.not_loaded) == {"4.weight", "4.bias"}
    assert torch.equal(found.whole["4.weight"], state()["4.weight"])


def test_nothing_arrived_where_the_names_have_a_prefix_and_the_file_was_read():
    found = arrived(seen(network(1)), Contents(trained(prefix="module.")))
    assert found.network.tensors.left_out == 8
    assert found.whole


def test_a_program_that_never_read_the_file_gets_its_weights():
    model = network(1)
    found = arrived(seen(model, loaded=False), Contents(trained()))
    assert found.trained_here
    assert torch.equal(model.state_dict()["4.weight"], trained()["4.weight"])


@pytest.mark.parametrize(("here", "averaged"), [(0, False), (2, True)])
def test_it_is_seen_which_of_two_sets_of_weights_is_evaluated(here, averaged):
    found = arrived(seen(network(here)), Contents(state(0), average=state(2), average_at="ema"))
    assert found.averaged is averaged
    assert torch.equal(found.other["4.weight"], state(2 - here)["4.weight"])


def test_weights_that_went_through_16_bits_are_the_same():
    assert arrived(seen(network().half()), Contents(state())).network.tensors.left_out == 0


def test_a_file_of_another_network_is_refused():
    with pytest.raises(InputError, match="none of the file's tensors"):
        arrived(seen(network()), Contents({"a.weight": torch.ones(7, 9)}))
