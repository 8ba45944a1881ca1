from dataclasses import replace

from builders import WARNING, arms, network, only, repair, silent, why_skipped
from diagnose.checks.m413_learns_slower_than_reference import CHECK


def trained(*args, **more):
    return replace(network(), arms=arms(*args, **more))


def test_a_network_behind_its_size_is_a_warning_with_the_best_repair_as_fix():
    found = only(CHECK, own=trained(0.12, 0.06, repair("shortcuts"), repair("eps", 0.01)))
    assert (found.severity, found.fix) == (WARNING, "Use shortcuts.")
    assert "12 points [6, 18] slower than resnet18" in found.summary
    assert "shortcuts: +10 points [6, 14]" in found.summary


def test_nothing_is_said_where_the_interval_holds_zero_or_the_network_is_ahead():
    assert silent(CHECK, own=trained(0.05, 0.06))
    assert silent(CHECK, own=trained(-0.2, 0.06))


def test_without_a_repair_that_helps_the_advice_is_to_take_parts_over():
    found = only(CHECK, own=trained(0.12, 0.06, repair("eps", 0.01)))
    assert "one part of resnet18" in found.fix
    assert found.measured["repair"] is None


def test_resnet50_stands_in_where_it_is_of_the_size_itself():
    assert "slower than resnet50" in only(CHECK, own=trained(same_size=None, behind_same_size=None)).summary


def test_without_trainings_it_is_not_examined():
    assert why_skipped(CHECK, own=network())
    nothing = {"same_size": None, "behind_same_size": None, "resnet50": None, "behind_resnet50": None}
    assert "no reference" in why_skipped(CHECK, own=trained(**nothing))
