from builders import INFO, only, ran, silent
from diagnose.checks.r634_read_and_run_differ import CHECK

from diagnose.model import Contradiction, Location

LINE = Location("train.py", 2)


def test_agreement_is_silent():
    assert silent(CHECK, ran=ran())


def test_a_difference_is_worth_knowing_at_the_line_that_was_read():
    finding = only(CHECK, ran=ran(contradictions=(Contradiction("learning_rate", "0.1", "0.001", LINE),)))
    assert (finding.severity, finding.location, finding.subject) == (INFO, LINE, "learning_rate")


def test_it_fails_nothing_without_a_place():
    assert only(CHECK, ran=ran(contradictions=(Contradiction("seed", "1", "2"),))).location is None
