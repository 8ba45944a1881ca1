from builders import ERROR, WARNING, fact, only, program, silent
from diagnose.checks.c313_optimizer_misses_parameters import CHECK

from diagnose.model import AverageUnused, Location, OptimizerMisses, WrongOptimizer


def missing(**detail):
    whole = {"parameters": 2, "examples": ("fc.weight",), "head": False, "foreign": False, "all": 161, **detail}
    return program(seen=(fact(OptimizerMisses, **whole),))


def test_a_whole_optimizer_is_silent():
    assert silent(CHECK, code=program())


def test_the_head_alone_on_purpose_is_silent():
    assert silent(CHECK, code=missing(parameters=159))


def test_a_head_that_was_replaced_later_is_an_error():
    finding = only(CHECK, code=missing(head=True))
    assert finding.severity is ERROR
    assert "fc.weight" in finding.summary


def test_another_network_is_an_error():
    assert "no parameter" in only(CHECK, code=missing(foreign=True)).summary


def test_a_step_of_the_other_networks_optimizer_is_an_error_at_the_step():
    step = fact(WrongOptimizer, 12, backward=Location("train.py", 11))
    finding = only(CHECK, code=program(seen=(step,)))
    assert (finding.severity, finding.location.line) == (ERROR, 12)
    assert "(line 11)" in finding.summary
    other = fact(OptimizerMisses, parameters=2, examples=(), head=True, foreign=True, all=2)
    assert "no parameter" in only(CHECK, code=program(seen=(other, step))).summary


def test_an_average_that_nothing_uses_is_a_warning():
    assert only(CHECK, code=program(seen=(fact(AverageUnused, name="EMA"),))).severity is WARNING
