"""The configured schedule over the probe's steps, against torch's own schedulers."""

import math

import pytest
import torch
from builders import config
from torch.optim import lr_scheduler

from diagnose.catalogue.schedules import SCHEDULES
from diagnose.probing.recipe import Recipe, configured_recipe
from diagnose.probing.schedule import WARM_UP, rates

STEPS, WARM = 50, 10  # of which the first ten warm up
LEFT = STEPS - WARM


def torchs(make, steps=LEFT):
    """The rates of torch's scheduler from 1, a step at a time."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    shares = []
    for _ in range(steps):
        shares.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return shares


def ours(schedule, epochs=20, steps_per_epoch=None, **options):
    """The rates of a configuration at 1, which runs for so many epochs: an epoch is LEFT / epochs steps."""
    said = config(
        optimizer="sgd", learning_rate=1.0, schedule=schedule, epochs=epochs,
        schedule_options=tuple(sorted(options.items())),
    )  # fmt: skip
    recipe, _ = configured_recipe(said, steps_per_epoch)
    return rates(recipe, STEPS), recipe


@pytest.mark.parametrize(
    ("schedule", "options", "make"),
    [
        ("constant", {}, lambda o: lr_scheduler.LambdaLR(o, lambda _: 1.0)),
        ("step", {"period": 5, "factor": 0.3}, lambda o: lr_scheduler.StepLR(o, 10, 0.3)),
        ("multistep", {"milestones": (10, 15)}, lambda o: lr_scheduler.MultiStepLR(o, [20, 30])),
        ("step", {"milestones": (10,), "values": (1.0, 0.2)}, lambda o: lr_scheduler.MultiStepLR(o, [20], 0.2)),
        ("exponential", {"factor": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, 0.9**0.5)),
        ("cosine", {}, lambda o: lr_scheduler.CosineAnnealingLR(o, LEFT)),
        ("cosine", {"period": 40, "final_rate": 0.1}, lambda o: lr_scheduler.CosineAnnealingLR(o, 80, 0.1)),
        ("cosine_restarts", {"period": 5}, lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10)),
        (
            "cosine_restarts",
            {"period": 5, "growth": 2.0},
            lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, T_mult=2),
        ),
        ("polynomial", {"period": 10, "power": 2.0}, lambda o: lr_scheduler.PolynomialLR(o, 20, 2.0)),
        ("linear", {}, lambda o: lr_scheduler.LinearLR(o, 1.0, 1e-12, LEFT)),
        ("linear", {"start": 0.5, "final": 1.0, "period": 10}, lambda o: lr_scheduler.LinearLR(o, 0.5, 1.0, 20)),
    ],
)
def test_after_the_warm_up_the_shape_is_torchs_over_what_is_left(schedule, options, make):
    shares, recipe = ours(schedule, **options)
    assert shares[WARM:] == pytest.approx(torchs(make), abs=1e-9)
    assert recipe.unsupported == ()


def test_one_cycle_is_torchs_with_its_own_warm_up_and_peak():
    shares, _ = ours("onecycle", peak_rate=3.0)
    assert shares == pytest.approx(torchs(lambda o: lr_scheduler.OneCycleLR(o, 3.0, STEPS), STEPS), rel=1e-6)


def test_steps_of_batches_are_shares_of_the_run_too():
    per_epoch, _ = ours("step", period=5, factor=0.3)
    per_step, _ = ours("step", steps_per_epoch=7, period=35, factor=0.3, unit="step")
    assert per_step == pytest.approx(per_epoch)


def test_a_longer_warm_up_of_the_schedules_own_takes_the_probes_place():
    shares, _ = ours("cosine", warmup=10)
    assert shares[24] == pytest.approx(1.0)
    assert shares[12] < 0.6
    assert round(WARM_UP * STEPS) == WARM


@pytest.mark.parametrize("schedule", ["step", "multistep", "exponential", "inverse_time", "cosine_restarts"])
def test_lengths_that_are_not_known_are_the_usual_ones_and_said(schedule):
    shares, recipe = ours(schedule)
    assert recipe.unlike == ("schedule",)
    assert schedule in recipe.unsupported[0]
    assert 0 < shares[-1] < 0.2 or schedule == "inverse_time"


def test_a_plateau_is_never_reached_in_a_probe():
    shares, recipe = ours("plateau", period=5)
    assert shares[WARM:] == [1.0] * LEFT
    assert recipe.unlike == ("schedule",)


@pytest.mark.parametrize("schedule", [one.name for one in SCHEDULES])
@pytest.mark.parametrize("steps", [1, 2, 5, 60])
def test_every_schedule_of_the_catalogue_has_rates(schedule, steps):
    _, recipe = ours(schedule)
    assert all(math.isfinite(rate) and rate >= 0 for rate in rates(recipe, steps))


def test_a_schedule_without_a_shape_is_refused():
    with pytest.raises(ValueError, match="has no shape"):
        rates(Recipe(schedule="lambda"), 9)
