from builders import ERROR, interval, only, probe_run, probes, silent, why_skipped
from diagnose.checks.p505_labels_look_random import CHECK

from diagnose.model import LabelsAgainstChance


def measured(accuracy, chance, *runs):
    return {"measured": probes(*runs, labels=LabelsAgainstChance(accuracy, chance, 19, 720))}


def test_labels_that_mean_something_are_silent():
    assert silent(CHECK, **measured(0.8, 0.14))


def test_labels_no_better_than_shuffled_are_an_error():
    finding = only(CHECK, **measured(0.13, 0.14, probe_run(accuracy=0.25, interval=interval(0.2, 0.3))))
    assert finding.severity is ERROR
    assert "13.0%" in finding.summary


def test_a_training_that_learned_them_acquits():
    assert silent(CHECK, **measured(0.13, 0.14, probe_run(accuracy=0.5, interval=interval(0.4, 0.6))))


def test_a_lucky_run_among_others_acquits_nothing():
    seeds = (probe_run(accuracy=0.35), probe_run(accuracy=0.23, seed=1))
    assert only(CHECK, **measured(0.13, 0.14, *seeds)).severity is ERROR
    arms = [probe_run(f"arm {number}", accuracy=0.25) for number in range(9)]
    assert only(CHECK, **measured(0.13, 0.14, probe_run(accuracy=0.35), *arms)).severity is ERROR


def test_seeds_that_are_all_a_little_ahead_acquit():
    assert silent(CHECK, **measured(0.13, 0.14, *(probe_run(accuracy=0.31, seed=seed) for seed in range(6))))


def test_a_little_better_than_the_best_shuffle_is_still_chance():
    assert only(CHECK, **measured(0.15, 0.14)).severity is ERROR


def test_without_features_it_is_not_examined():
    assert "no labels" in why_skipped(CHECK, measured=probes())
