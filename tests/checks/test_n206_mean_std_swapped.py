from builders import ERROR, config, dataset, only, silent, why_skipped
from diagnose.checks.n206_mean_std_swapped import CHECK

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def test_the_right_way_round_is_silent():
    assert silent(CHECK, configuration=config(mean=MEAN, std=STD))


def test_exchanged_imagenet_statistics():
    finding = only(CHECK, configuration=config(mean=STD, std=MEAN))
    assert finding.severity is ERROR
    assert finding.fix == f"Write mean {list(MEAN)} and std {list(STD)}."


def test_exchanged_statistics_of_this_very_data():
    own = dataset(mean=(0.7, 0.6, 0.5), std=(0.2, 0.2, 0.2))
    assert only(CHECK, dataset=own, configuration=config(mean=(0.2, 0.2, 0.2), std=(0.7, 0.6, 0.5))).severity is ERROR


def test_a_deviation_of_zero():
    assert "cannot be divided by" in only(CHECK, configuration=config(mean=MEAN, std=(0.0, 0.2, 0.2))).summary


def test_equal_mean_and_deviation_cannot_be_exchanged():
    assert silent(CHECK, configuration=config(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)))


def test_data_whose_mean_is_its_deviation_accuses_no_one():
    own = dataset(mean=(0.3, 0.3, 0.3), std=(0.31, 0.31, 0.31))
    assert silent(CHECK, dataset=own, configuration=config(mean=(0.31, 0.31, 0.31), std=(0.3, 0.3, 0.3)))


def test_lists_of_other_lengths_are_not_compared():
    assert "mean has 2 values" in why_skipped(CHECK, configuration=config(mean=(0.485, 0.456), std=(0.2, 0.2, 0.2)))
    assert silent(CHECK, configuration=config(mean=(0.5,), std=(0.5,)))
