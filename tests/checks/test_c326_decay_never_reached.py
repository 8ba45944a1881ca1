import pytest
from builders import WARNING, config, only, program, scheduler, silent
from diagnose.checks.c326_decay_never_reached import CHECK


def run(one, epochs):
    return {"configuration": config(epochs=epochs), "code": program(schedulers=(one,))}


@pytest.mark.parametrize(
    "right",
    [
        scheduler("multistep", milestones=(30, 60, 95)),
        scheduler("step", period=30),
        scheduler("cosine", period=90),
        scheduler("step", "batch", period=5000),
        scheduler("cosine", period=5000, counts_batches=True),
    ],
)
def test_decays_within_the_run_are_silent(right):
    assert silent(CHECK, **run(right, 90))


@pytest.mark.parametrize(
    "late",
    [
        scheduler("multistep", milestones=(100, 150)),
        scheduler("step", period=90),
        scheduler("cosine", period=200),
        scheduler("plateau", period=100),
    ],
)
def test_decays_beyond_the_run_are_a_warning(late):
    assert only(CHECK, **run(late, 90)).severity is WARNING
