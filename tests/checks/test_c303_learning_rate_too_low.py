import pytest
from builders import ERROR, WARNING, config, dataset, findings, learning_rate, only, probes, program, silent, worse_by
from diagnose.checks.c303_learning_rate_too_low import CHECK


@pytest.mark.parametrize(
    "healthy",
    [
        {"optimizer": "sgd", "learning_rate": 1e-4},
        {"optimizer": "adamw", "learning_rate": 1e-6},
        {"learning_rate": 1e-5},
    ],
)
def test_usual_low_rates_are_silent(healthy):
    assert silent(CHECK, configuration=config(**healthy))


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_rates_below_any_use_are_errors(optimizer):
    assert only(CHECK, configuration=config(optimizer=optimizer, learning_rate=1e-7)).severity is ERROR


def measured(rate, suggested, epochs, **more):
    said = config(optimizer="sgd", learning_rate=rate, batch_size=20, epochs=epochs)  # 10 steps an epoch
    tested = probes(learning_rate=learning_rate(rate, suggested, **more))
    return {"dataset": dataset(100), "configuration": said, "measured": tested}


def test_a_run_that_goes_less_far_than_the_probe():
    finding = only(CHECK, **measured(1e-5, 0.01, epochs=10, confirmed=worse_by(0.2, 0.6)))
    assert finding.severity is WARNING
    assert finding.measured["long_run_steps"] == 100


def test_a_low_rate_with_many_steps_is_left_alone():
    assert silent(CHECK, **measured(1e-3, 0.01, epochs=100, confirmed=worse_by(0.2, 0.6)))


def test_the_range_test_alone_never_accuses():
    assert silent(CHECK, **measured(1e-5, 0.01, epochs=10))


def test_a_difference_whose_interval_holds_zero_is_none():
    assert silent(CHECK, **measured(1e-5, 0.01, epochs=10, confirmed=worse_by(-0.1, 0.2)))


def test_a_lower_loss_at_a_rate_that_learns_nothing_proves_nothing():
    assert silent(CHECK, **measured(1e-5, 0.01, epochs=10, confirmed=worse_by(0.2, 0.6), suggested_learns=False))


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 1e-3), ("adamw", 1e-4)])
def test_a_usual_rate_is_never_accused_by_a_short_probe(optimizer, rate):
    said = config(optimizer=optimizer, learning_rate=rate, batch_size=20, epochs=1)
    tested = probes(learning_rate=learning_rate(rate, rate * 100, confirmed=worse_by(0.5, 1)))
    assert silent(CHECK, dataset=dataset(100), configuration=said, measured=tested)


@pytest.mark.parametrize(("schedule", "reported"), [("cosine", True), ("cyclic", False), ("manual", False)])
def test_a_rate_that_a_schedule_may_raise_is_silent(schedule, reported):
    found = findings(CHECK, configuration=config(optimizer="sgd", learning_rate=1e-7, schedule=schedule))
    assert bool(found) == reported


def test_an_unread_schedule_of_a_program_may_raise_it():
    assert silent(CHECK, code=program(), configuration=config(optimizer="sgd", learning_rate=1e-7))
