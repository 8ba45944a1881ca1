import pytest
from builders import ERROR, WARNING, config, learning_rate, only, probes, program, silent, worse_by
from diagnose.checks.c302_learning_rate_too_high import CHECK

from diagnose.model import Confidence


@pytest.mark.parametrize(
    "healthy",
    [
        {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 256},
        {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 32},
        {"optimizer": "sgd", "learning_rate": 10.0, "batch_size": 8192},
        {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 64},
        {"learning_rate": 1.0},
    ],
)
def test_usual_rates_are_silent(healthy):
    assert silent(CHECK, configuration=config(**healthy))


@pytest.mark.parametrize(
    "sick",
    [
        {"optimizer": "sgd", "learning_rate": 10.0, "batch_size": 32},
        {"optimizer": "adamw", "learning_rate": 0.5, "batch_size": 64},
    ],
)
def test_rates_beyond_the_optimizer_are_errors(sick):
    assert only(CHECK, configuration=config(**sick)).severity is ERROR


def test_without_its_optimizer_or_for_a_linear_probe_it_is_a_warning():
    assert only(CHECK, configuration=config(learning_rate=10.0)).severity is WARNING
    probe = config(optimizer="sgd", learning_rate=300.0, batch_size=256, frozen=("backbone",))
    assert only(CHECK, configuration=probe).severity is WARNING


def test_a_linear_probe_bears_thirty():
    probe = config(optimizer="sgd", learning_rate=30.0, batch_size=256, frozen=("backbone",))
    assert silent(CHECK, configuration=probe)


def test_pretrained_weights_bear_less_of_an_adaptive_optimizer():
    fine = {"optimizer": "adam", "weights": "imagenet", "frozen": ()}
    assert only(CHECK, configuration=config(learning_rate=0.05, **fine)).severity is ERROR
    assert silent(CHECK, configuration=config(learning_rate=0.01, **fine))


def test_where_a_program_leaves_open_what_trains_it_is_a_warning():
    assert only(CHECK, configuration=config(optimizer="sgd", learning_rate=10.0), code=program()).severity is WARNING


def measured(rate, suggested, **more):
    said = config(optimizer="sgd", learning_rate=rate, batch_size=32)
    return {"configuration": said, "measured": probes(learning_rate=learning_rate(rate, suggested, **more))}


def test_a_rate_at_which_the_probe_diverged():
    finding = only(CHECK, **measured(1.0, 0.01, configured_diverged=True))
    assert finding.severity is ERROR
    assert "0.01" in finding.fix


def test_a_rate_that_ends_with_a_higher_loss():
    finding = only(CHECK, **measured(1.0, 0.01, confirmed=worse_by(0.2, 0.6)))
    assert finding.severity is WARNING
    assert finding.confidence is Confidence.SHOWN


def test_the_range_test_alone_never_accuses():
    assert silent(CHECK, **measured(1.0, 0.01))


def test_a_difference_whose_interval_holds_zero_is_none():
    assert silent(CHECK, **measured(1.0, 0.01, confirmed=worse_by(-0.1, 0.6)))


def test_a_rate_within_a_decade_of_the_suggestion_is_left_alone():
    assert silent(CHECK, **measured(0.05, 0.01, confirmed=worse_by(0.2, 0.6)))


def test_a_lower_loss_at_a_rate_that_learns_nothing_proves_nothing():
    assert silent(CHECK, **measured(1.0, 0.01, confirmed=worse_by(0.2, 0.6), suggested_learns=False))


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.1), ("adam", 1e-3)])
def test_a_usual_rate_is_never_accused_by_a_short_probe(optimizer, rate):
    said = config(optimizer=optimizer, learning_rate=rate, batch_size=128)
    tested = probes(learning_rate=learning_rate(rate, rate / 100, confirmed=worse_by(2, 5)))
    assert silent(CHECK, configuration=said, measured=tested)


@pytest.mark.parametrize(
    ("optimizer", "rate", "name"), [("adamw", 0.5, "AdamW"), ("rmsprop", 0.5, "RMSprop"), ("nadam", 0.5, "NAdam")]
)
def test_an_optimizer_is_called_by_its_name(optimizer, rate, name):
    summary = only(CHECK, configuration=config(optimizer=optimizer, learning_rate=rate)).summary
    assert summary == f"The learning rate {rate:g} is beyond what {name} works at (about 0.1)."


@pytest.mark.parametrize(("optimizer", "rate"), [("adadelta", 1.0), ("lars", 4.8), ("adagrad", 0.05), ("muon", 0.02)])
def test_each_optimizer_has_a_band_of_its_own(optimizer, rate):
    assert silent(CHECK, configuration=config(optimizer=optimizer, learning_rate=rate, batch_size=256))


def test_what_was_found_of_another_optimizer_is_no_advice():
    """Where the configuration itself could not be trained, the search was the reference recipe's."""
    said = config(optimizer="lamb", learning_rate=5.0, batch_size=32)
    finding = only(CHECK, configuration=said, measured=probes(learning_rate=learning_rate(None, 0.0003)))
    assert "0.0003" not in finding.fix
