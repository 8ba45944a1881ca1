from builders import ERROR, fact, only, program, silent
from diagnose.checks.c313_optimizer_misses_parameters import CHECK

from diagnose.model import OptimizerMisses


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
