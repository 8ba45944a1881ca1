from builders import INFO, history, logged, only, silent, why_skipped
from diagnose.checks.l817_gain_within_seeds import CHECK


def runs(**values):
    return history(*(logged(name=name.replace("__", "/"), val_accuracy=[0.5, value]) for name, value in values.items()))


def test_seeds_differ_more_than_the_variants():
    past = runs(mixup__seed_1=0.931, mixup__seed_2=0.939, plain__seed_1=0.934)
    finding = only(CHECK, past=past)
    assert finding.severity is INFO
    assert "mixup/seed * is 0.10 points above plain/seed *" in finding.summary


def test_a_gain_beyond_the_seeds_is_silent():
    assert silent(CHECK, past=runs(mixup__seed_1=0.951, mixup__seed_2=0.953, plain__seed_1=0.921, plain__seed_2=0.923))


def test_without_seeds_or_another_variant():
    assert "several seeds" in why_skipped(CHECK, past=runs(mixup=0.93, plain=0.92))
    assert "several seeds" in why_skipped(CHECK, past=runs(mixup__seed_1=0.93, mixup__seed_2=0.92))
