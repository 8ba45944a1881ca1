from builders import WARNING, only, ran, seen_network, silent
from diagnose.checks.r617_frozen_statistics_move import CHECK


def test_statistics_that_stay_are_silent():
    assert silent(CHECK, ran=ran())


def test_moving_ones_are_a_warning():
    finding = only(CHECK, ran=ran(network=seen_network(moving_statistics_of_frozen=("bn1", "layer1.0.bn1"))))
    assert finding.severity is WARNING
    assert finding.measured["batch_norms"] == 2


def test_many_are_named_in_part():
    names = tuple(f"bn{number}" for number in range(9))
    assert "and more" in only(CHECK, ran=ran(network=seen_network(moving_statistics_of_frozen=names))).summary
