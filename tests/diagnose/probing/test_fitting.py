from dataclasses import replace

import pytest

from diagnose.model import BF16, MIXED
from diagnose.probing.fitting import Step, accumulated, changes, parts, smaller

CONFIGURED = Step(batch=32, size=224)


def peak(step):
    """A network of 100 bytes whose activations take 10 bytes an image of 224 px."""
    activations = 10 * step.batch * (step.size / 224) ** 2 * (0.3 if step.checkpointing else 1)
    share = {MIXED: 0.6, BF16: 0.5}.get(step.precision, 1.0)
    weights = 100 * (0.5 if step.precision == BF16 else 1) + (25 if step.accumulating else 0)
    return int(weights + activations * share)


def fits_of(usable, peak=peak):
    return {fit.change: fit for fit in changes(CONFIGURED, usable, peak)}


def test_a_step_that_fits_needs_no_change():
    assert fits_of(420) == {}


def test_each_change_that_suffices_alone_with_its_memory_and_cost():
    found = fits_of(300)
    assert list(found) == [
        "mixed precision (bf16 autocast)",
        "batches of 16 with gradients accumulated over 2 steps",
        "gradient checkpointing of each block",
        "weights and all else in bf16",
        "images of 160 px instead of 224",
    ]
    assert found["mixed precision (bf16 autocast)"].memory == 292
    assert found["batches of 16 with gradients accumulated over 2 steps"].memory == 285
    assert "sees 16 images at a time instead of 32" in found[
        "batches of 16 with gradients accumulated over 2 steps"].cost  # fmt: skip
    assert all(fit.memory <= 300 and fit.cost for fit in found.values())


def test_a_change_that_does_not_suffice_is_left_out():
    assert "mixed precision (bf16 autocast)" not in fits_of(250)


def test_combinations_only_where_no_single_change_suffices():
    found = fits_of(135, lambda step: peak(step) + (60 if not step.checkpointing or step.precision != MIXED else 0))
    both = "mixed precision (bf16 autocast) and gradient checkpointing of each block"
    assert list(found) == [
        f"{both} and batches of 4 with gradients accumulated over 8 steps",
        f"{both} and batches of 2 with gradients accumulated over 16 steps and images of 192 px instead of 224",
    ]
    assert all(fit.cost.count("; ") >= 2 and fit.memory <= 135 for fit in found.values())


def test_what_nothing_makes_fit():
    assert fits_of(20) == {}


def test_a_network_that_takes_no_other_size():
    fixed = fits_of(300, lambda step: peak(step) if step.size == 224 else None)
    assert not any("images of" in change for change in fixed)
    assert list(changes(CONFIGURED, 300, lambda step: None)) == []


@pytest.mark.parametrize(("batch", "equal"), [(32, [16, 8, 4, 2]), (100, [50, 25, 20, 10, 5, 4, 2]), (7, [3]), (3, [])])
def test_equal_parts_of_a_batch(batch, equal):
    assert parts(batch) == equal


def test_the_largest_part_that_fits_and_the_largest_images():
    assert accumulated(CONFIGURED, 205, peak).batch == 8
    assert accumulated(CONFIGURED, 100, peak) is None
    assert accumulated(replace(CONFIGURED, batch=2), 50, peak) is None
    assert smaller(CONFIGURED, 350, peak).size == 192
    assert smaller(CONFIGURED, 100, peak) is None
    assert smaller(replace(CONFIGURED, size=32), 100, peak) is None
