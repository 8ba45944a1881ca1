from builders import INFO, findings, forecast, history, logged, only, probes, silent, why_skipped
from diagnose.checks.l818_log_misses_forecast import CHECK


def both(values, **more):
    run = logged(val_accuracy=values, **more)
    return {"past": history(run), "measured": probes(forecast=forecast(accuracy_low=0.7, accuracy_high=0.8))}


def test_an_end_outside_the_range():
    finding = only(CHECK, **both([0.5] * 30))
    assert finding.severity is INFO
    assert "ends at 50.0%, the forecast is 70% to 80%" in finding.summary


def test_an_end_within_it_or_within_counting_is_silent():
    assert silent(CHECK, **both([0.75] * 30))
    assert silent(CHECK, **both([0.66] * 30, val_images=100))


def test_another_pace():
    found = findings(CHECK, **both([0.75] * 30, seconds=[600.0] * 30))
    assert "30 epochs take 300 min, the forecast is 60 min" in found[0].summary
    assert silent(CHECK, **both([0.75] * 30, seconds=[130.0] * 30))


def test_a_run_of_another_length():
    assert "epoch 10" in why_skipped(CHECK, **both([0.5] * 10))
