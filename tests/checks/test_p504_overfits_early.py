from builders import WARNING, only, probe_run, probes, silent, why_skipped, worse_by
from diagnose.checks.p504_overfits_early import CHECK

FALLING = tuple((step, 2.0 - 0.1 * step) for step in range(10))
RISING = tuple((step, 1.0 + 0.1 * step) for step in range(10))


def overfit(rise, curve=FALLING):
    run = probe_run(curve=curve, steps=10, val_loss=1.5)
    return {"measured": probes(run, run, overfit=rise)}


def test_a_held_out_loss_that_rises_while_training_falls():
    finding = only(CHECK, **overfit(worse_by(0.2, 0.6)))
    assert finding.severity is WARNING
    assert "from step 5 to 10" in finding.summary


def test_a_rise_that_holds_zero_is_none():
    assert silent(CHECK, **overfit(worse_by(-0.1, 0.6)))


def test_a_small_rise_is_the_noise_of_a_few_steps():
    assert silent(CHECK, **overfit(worse_by(0.05, 0.15)))


def test_a_training_loss_that_rises_too_is_another_matter():
    assert silent(CHECK, **overfit(worse_by(0.2, 0.6), RISING))


def test_one_run_is_not_enough():
    assert "not trained twice" in why_skipped(CHECK, measured=probes(probe_run()))
