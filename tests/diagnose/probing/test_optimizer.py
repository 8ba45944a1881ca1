"""Every optimizer of the catalogue as the probes build it."""

import pytest
import torch
from torch import nn

from diagnose.catalogue import optimizers
from diagnose.probing.lion import Lion
from diagnose.probing.optimizer import limit_gradients, optimizer_for
from diagnose.probing.recipe import Recipe

ENTRIES = [entry for entry in optimizers.OPTIMIZERS if not entry.unsupported]
TRAINABLE = [entry.name for entry in ENTRIES]


def trained(recipe, steps=60):
    """The squared distance to a target that is left of what there was at first."""
    torch.manual_seed(0)
    layer, target = nn.Linear(4, 4), torch.randn(4, 4)
    optimizer = optimizer_for(recipe, list(layer.parameters()))

    def distance():
        return ((layer(torch.eye(4)) - target) ** 2).sum()

    first = distance().item()
    for _ in range(steps):
        optimizer.zero_grad()
        distance().backward()
        optimizer.step()
    return distance().item() / first


@pytest.mark.parametrize("name", TRAINABLE)
def test_every_optimizer_that_is_said_to_train_does(name):
    entry = optimizers.find(name)
    assert trained(Recipe(name, entry.start, momentum=0.0, weight_decay=0.0)) < 0.99


def test_no_optimizer_becomes_another():
    classes = {name: type(optimizer_for(Recipe(name, 0.1), [nn.Parameter(torch.zeros(2))])) for name in TRAINABLE}
    assert len(set(classes.values())) == len(TRAINABLE)
    assert classes["nadam"] is torch.optim.NAdam
    assert classes["lion"] is Lion


@pytest.mark.parametrize("name", ["lamb", "muon", "lookahead", "made_up"])
def test_what_cannot_be_built_is_refused_and_never_replaced(name):
    with pytest.raises(ValueError, match="cannot train with"):
        optimizer_for(Recipe(name), [nn.Parameter(torch.zeros(2))])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.name)
def test_its_own_arguments_are_torchs(entry):
    parameter = nn.Parameter(torch.zeros(2, 2))
    defaults = optimizer_for(Recipe(entry.name, 0.1), [parameter]).defaults
    assert set(entry.own) <= set(defaults)
    assert entry.momentum == (entry.name in ("sgd", "rmsprop"))


@pytest.mark.parametrize("entry", [one for one in optimizers.OPTIMIZERS if one.torch], ids=lambda one: one.name)
def test_defaults_and_states_are_torchs(entry):
    parameter = nn.Parameter(torch.ones(8, 8))
    optimizer = getattr(torch.optim, entry.torch)([parameter])
    assert optimizer.defaults["lr"] == entry.defaults.rate
    if entry.decay:
        assert optimizer.defaults["weight_decay"] == entry.defaults.decay
    parameter.sum().backward()
    optimizer.step()
    tensors = [value for value in optimizer.state[parameter].values() if torch.is_tensor(value) and value.ndim == 2]
    whole = sum(value.numel() == parameter.numel() for value in tensors)
    assert whole == (0 if entry.name == "sgd" else entry.states)  # SGD's momentum is none by default


def test_lion_is_its_papers():
    parameter = nn.Parameter(torch.tensor([1.0, -2.0, 3.0]))
    optimizer = Lion([parameter], lr=0.1, betas=(0.9, 0.99), weight_decay=0.5)
    weights, momentum = parameter.detach().clone(), torch.zeros(3)
    for grad in (torch.tensor([1.0, -1.0, 0.5]), torch.tensor([-2.0, 0.1, 0.3])):
        parameter.grad = grad
        optimizer.step()
        weights = weights - 0.1 * (torch.sign(0.9 * momentum + 0.1 * grad) + 0.5 * weights)
        momentum = 0.99 * momentum + 0.01 * grad
        torch.testing.assert_close(parameter.detach(), weights)


def test_groups_have_their_share_of_the_rate_and_their_decay():
    body, bias, head = (nn.Parameter(torch.zeros(shape)) for shape in ((2, 2), (2,), (2, 2)))
    options = (("backbone_rate", 0.01), ("undecayed", ("bias",)))
    recipe = Recipe("sgd", 0.1, weight_decay=0.5, optimizer_options=options)
    groups = optimizer_for(recipe, [body, bias, head], [head]).param_groups
    result = [(group["share"], group["weight_decay"], group["params"][0] is head) for group in groups]
    assert result == [(pytest.approx(0.1), 0.5, False), (pytest.approx(0.1), 0.0, False), (1.0, 0.5, True)]


def test_nesterov_without_a_momentum_is_nothing():
    optimizer_for(Recipe("sgd", 0.1, 0.0, optimizer_options=(("nesterov", True),)), [nn.Parameter(torch.zeros(2))])


def test_gradients_are_limited_as_configured():
    parameter = nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([3.0, 4.0])
    limit_gradients(Recipe(optimizer_options=(("clip_norm", 1.0),)), [parameter])
    torch.testing.assert_close(parameter.grad, torch.tensor([0.6, 0.8]))
    limit_gradients(Recipe(optimizer_options=(("clip_value", 0.5),)), [parameter])
    torch.testing.assert_close(parameter.grad, torch.tensor([0.5, 0.5]))
