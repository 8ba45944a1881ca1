from builders import WARNING, config, learning_rate, only, probe_run, probes, silent, why_skipped
from diagnose.checks.p506_no_better_than_prior import CHECK


def tried(*runs, learns=False):
    """Probes whose search for the learning rate found one that learns, or none."""
    return probes(*runs, learning_rate=learning_rate(0.01, None, some_rate_learns=learns))


def test_a_run_above_the_prior_is_silent():
    assert silent(CHECK, measured=tried(probe_run(accuracy=0.6), probe_run("scratch", 0.6)))


def test_a_run_at_the_prior_beside_a_reference_above_it():
    finding = only(CHECK, measured=tried(probe_run(accuracy=0.26), probe_run("scratch", 0.6)))
    assert finding.severity is WARNING
    assert finding.measured["prior"] == 0.25


def test_a_better_learning_rate_is_another_checks_matter():
    runs = [probe_run(accuracy=0.26), probe_run("suggested", 0.5), probe_run("scratch", 0.6)]
    assert silent(CHECK, measured=tried(*runs))


def test_a_reference_that_learned_nothing_proves_nothing():
    assert "got past the prior" in why_skipped(
        CHECK, measured=tried(probe_run(accuracy=0.26), probe_run("scratch", 0.26))
    )


def test_a_reference_on_other_weights_proves_nothing():
    pretrained = probe_run("pretrained", 0.9, weights="resnet50 IMAGENET1K_V2")
    assert why_skipped(CHECK, measured=tried(probe_run(accuracy=0.26), pretrained))


def test_a_diverged_run_counts_as_no_better():
    assert only(CHECK, measured=tried(probe_run(accuracy=None), probe_run("scratch", 0.6))).severity is WARNING


def test_another_rate_that_learns_acquits_the_rest():
    slow = [probe_run(accuracy=0.26), probe_run("scratch", 0.6)]
    assert silent(CHECK, measured=tried(*slow, learns=True))
    assert "did not end" in why_skipped(CHECK, measured=tried(*slow, learns=None))
    assert "did not end" in why_skipped(CHECK, measured=probes(*slow))


def test_frozen_layers_are_slow_and_not_at_fault():
    slow = tried(probe_run(accuracy=0.26), probe_run("scratch", 0.6))
    assert "little to train" in why_skipped(CHECK, measured=slow, configuration=config(frozen=("backbone",)))
    assert only(CHECK, measured=slow, configuration=config(frozen=())).severity is WARNING
