from builders import ERROR, feed, only, ran, silent
from diagnose.checks.r633_program_fails import CHECK

from diagnose.model import Location

LINE = Location("train.py", 20)


def test_a_program_that_runs_and_one_that_lacks_something_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=ran(ended="missing", why="ImportError: no module", location=LINE, steps=0))


def test_an_exception_before_the_first_step_is_an_error_at_its_line():
    failed = ran(
        ended="crashed", why="IndexError: Target 10 is out of bounds.", location=LINE, steps=0, feeds=(feed(),)
    )
    finding = only(CHECK, ran=failed)
    assert (finding.severity, finding.location) == (ERROR, LINE)


def test_after_a_step_it_may_come_from_the_cut_and_is_left_to_the_gaps():
    assert silent(CHECK, ran=ran(ended="crashed", why="ValueError", location=LINE))
