from builders import ERROR, learning_rate, only, probe_run, probes, silent, why_skipped
from diagnose.checks.p503_probe_diverged import CHECK


def test_a_falling_loss_is_silent():
    assert silent(CHECK, measured=probes(probe_run()))


def test_a_diverged_run_is_an_error_with_a_rate_to_try():
    lost = {"accuracy": None, "diverged": True, "curve": ((0, 2.0), (1, float("nan")))}
    runs = [probe_run(**lost), probe_run(seed=1, **lost), probe_run(seed=2)]
    finding = only(CHECK, measured=probes(*runs, learning_rate=learning_rate(10, 0.02)))
    assert finding.severity is ERROR
    assert finding.measured["diverged"] == 2
    assert "0.02" in finding.fix


def test_other_arms_are_not_the_users():
    assert silent(CHECK, measured=probes(probe_run(), probe_run("scratch", diverged=True)))


def test_without_a_configured_run_it_is_not_examined():
    assert "no probe of the configuration" in why_skipped(CHECK, measured=probes(probe_run("scratch")))


def test_one_run_of_several_proves_nothing():
    assert silent(CHECK, measured=probes(probe_run(diverged=True), probe_run(seed=1), probe_run(seed=2)))
