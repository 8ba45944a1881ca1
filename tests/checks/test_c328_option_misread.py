from builders import WARNING, fact, only, program, silent
from diagnose.checks.c328_option_misread import CHECK

from diagnose.model import BoolOption, InvertedTruth, ReplacedConstant


def test_a_plain_program_is_silent():
    assert silent(CHECK, code=program())


def test_type_bool_is_a_warning():
    finding = only(CHECK, code=program(seen=(fact(BoolOption, option="pretrained", default=True),)))
    assert finding.severity is WARNING
    assert "--pretrained False" in finding.summary


def test_the_inversion_of_a_truth_value_is_a_warning():
    finding = only(CHECK, code=program(seen=(fact(InvertedTruth, 4),)))
    assert (finding.severity, finding.location.line) == (WARNING, 4)
    assert "not" in finding.fix


def test_a_replaced_constant_is_a_warning_at_the_unused_line():
    seen = fact(ReplacedConstant, 3, name="lr", before=0.1, after=0.01, line=9)
    finding = only(CHECK, code=program(seen=(seen,)))
    assert (finding.severity, finding.location.line) == (WARNING, 3)
    assert "line 9" in finding.summary
