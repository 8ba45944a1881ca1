import gc

import pytest
import torch
from tiny_networks import TINY
from torch.nn.functional import cross_entropy
from torch.profiler import ProfilerActivity, profile, record_function

from diagnose.model import BF16, FP32, MIXED, InputError
from diagnose.probing.checkpointing import checkpointed
from diagnose.probing.memory import peak_bytes
from diagnose.probing.optimizer import optimizer_for
from diagnose.probing.recipe import Recipe
from diagnose.probing.weights import build

ADAMW, SGD = Recipe("adamw"), Recipe("sgd", momentum=0.0)


def measured(arch, recipe, batch, size, precision=FP32, checkpointing=False):
    """The oracle: the allocator's records of a real second step."""
    gc.collect()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        dtype = torch.bfloat16 if precision == BF16 else torch.float32
        model = build(arch, 3, None, 0).to(dtype).train()
        if checkpointing:
            checkpointed(model)
        optimizer = optimizer_for(recipe, list(model.parameters()))
        images, labels = torch.randn(batch, 3, size, size, dtype=dtype), torch.zeros(batch, dtype=torch.long)
        for step in range(2):
            with record_function(f"step {step}"):
                optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == MIXED):
                loss = cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            del loss
    alive = peak = 0
    for event in sorted(profiled.profiler.kineto_results.events(), key=lambda event: event.start_ns()):
        if event.name() == "step 1":
            peak = alive
        alive += event.nbytes() if event.name() == "[memory]" else 0
        peak = max(peak, alive)
    return peak


@pytest.mark.parametrize("precision", [FP32, MIXED, BF16])
@pytest.mark.parametrize("arch", [TINY, "resnet18"])
def test_it_is_what_a_real_step_takes(arch, precision):
    predicted = peak_bytes(arch, ADAMW, 3, 8, 64, precision)
    assert predicted == pytest.approx(measured(arch, ADAMW, 8, 64, precision), rel=0.05)


def test_another_optimizer_and_checkpointed_blocks():
    predicted = peak_bytes("resnet18", SGD, 3, 16, 96, checkpointing=True)
    assert predicted == pytest.approx(measured("resnet18", SGD, 16, 96, checkpointing=True), rel=0.05)
    assert predicted < peak_bytes("resnet18", SGD, 3, 16, 96)


def test_it_grows_with_batch_and_size():
    small = peak_bytes(TINY, ADAMW, 3, 2, 32)
    assert small < peak_bytes(TINY, ADAMW, 3, 4, 32) < peak_bytes(TINY, ADAMW, 3, 4, 64)


def test_accumulated_gradients_are_kept():
    parameters = sum(parameter.nbytes for parameter in build(TINY, 3, None, 0).parameters())
    kept = peak_bytes(TINY, SGD, 3, 32, 64, accumulating=True) - peak_bytes(TINY, SGD, 3, 32, 64)
    assert kept == pytest.approx(parameters, rel=0.05)


def test_frozen_layers_have_no_gradients_and_no_state():
    frozen = Recipe("adamw", frozen=("backbone",))
    assert peak_bytes(TINY, frozen, 3, 2, 32) < 0.6 * peak_bytes(TINY, ADAMW, 3, 2, 32)


def test_a_card_updates_all_parameters_at_once():
    one_by_one = peak_bytes("resnet18", ADAMW, 3, 2, 32, device="cuda", multi_tensor=False)
    assert peak_bytes("resnet18", ADAMW, 3, 2, 32, device="cuda") > 1.1 * one_by_one


def test_an_optimizer_that_torch_does_not_have_is_counted_by_its_states():
    states = {name: peak_bytes("resnet18", Recipe(name), 3, 2, 32) for name in ("lamb", "adan")}
    parameters = sum(parameter.nbytes for parameter in build("resnet18", 3, None, 0).parameters())
    assert states["adan"] - states["lamb"] == pytest.approx(parameters, rel=0.01)


def test_a_network_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match="neither a torchvision nor a timm model"):
        peak_bytes("no_such_network", SGD, 3, 2, 64)


def test_the_default_type_stays_as_it_was():
    peak_bytes(TINY, SGD, 3, 2, 32, BF16)
    assert torch.get_default_dtype() is torch.float32
