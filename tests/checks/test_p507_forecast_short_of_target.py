from builders import WARNING, config, forecast, only, probes, silent, why_skipped
from diagnose.checks.p507_forecast_short_of_target import CHECK


def foreseen(**more):
    return {"measured": probes(forecast=forecast(**more)), "configuration": config(epochs=2)}


def test_a_run_that_ends_below_its_target():
    finding = only(CHECK, **foreseen(target=0.9, accuracy_low=0.5, accuracy_high=0.62, steps=26))
    assert finding.severity is WARNING
    assert "26 steps" in finding.summary
    assert finding.location.line == 1


def test_a_target_inside_or_below_the_range_is_silent():
    assert silent(CHECK, **foreseen(target=0.6, accuracy_low=0.5, accuracy_high=0.62))


def test_without_an_upper_end_nothing_is_said():
    why = why_skipped(CHECK, **foreseen(target=0.9, accuracy_low=0.5, accuracy_why="no upper end is given"))
    assert why == "no upper end is given"


def test_without_a_target_nothing_is_said():
    assert "target_accuracy" in why_skipped(CHECK, **foreseen())
