import pytest
from builders import ERROR, WARNING, config, fact, only, program, scheduler, silent
from diagnose.checks.c314_scheduler_misuse import CHECK

from diagnose.model import ScheduleAhead


def judged(one, epochs=90):
    return {"configuration": config(epochs=epochs), "code": program(schedulers=(one,))}


@pytest.mark.parametrize(
    "right",
    [
        scheduler("step", "epoch", period=30),
        scheduler("onecycle", "batch", counts_batches=True),
        scheduler("cosine", "batch", period=20_000),
        scheduler("cosine", "batch", counts_batches=True),
        scheduler("plateau", "epoch", period=5),
    ],
)
def test_right_uses_are_silent(right):
    assert silent(CHECK, **judged(right))


@pytest.mark.parametrize(
    ("wrong", "severity"),
    [
        (scheduler("step", "never", period=30), WARNING),
        (scheduler("step", "batch", period=30), ERROR),
        (scheduler("cosine", "batch", period=90), ERROR),
        (scheduler("multistep", "batch", milestones=(30, 60)), ERROR),
        (scheduler("onecycle", "epoch", counts_batches=True), WARNING),
        (scheduler("step", "before", period=30), WARNING),
        (scheduler("plateau", "epoch", given_metric=False), ERROR),
    ],
)
def test_wrong_uses_are_found(wrong, severity):
    assert only(CHECK, **judged(wrong)).severity is severity


def test_a_schedule_ahead_of_its_optimizer_is_a_warning_at_its_line():
    finding = only(
        CHECK, configuration=config(epochs=90), code=program(seen=(fact(ScheduleAhead, 9, schedule="cosine"),))
    )
    assert (finding.severity, finding.location.line) == (WARNING, 9)
    assert "before the optimizer" in finding.summary
