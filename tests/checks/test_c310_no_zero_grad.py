from builders import ERROR, act, only, program, silent, why_skipped
from diagnose.checks.c310_no_zero_grad import CHECK


def test_clearing_before_backward_or_after_step_is_right():
    assert silent(CHECK, code=program(act("zero_grad", 1), act("backward", 2), act("step", 3)))
    assert silent(CHECK, code=program(act("backward", 2), act("step", 3), act("zero_grad", 4)))


def test_never_clearing_is_an_error_at_backward():
    finding = only(CHECK, code=program(act("backward", 2), act("step", 3)))
    assert finding.severity is ERROR
    assert finding.location.line == 2


def test_once_an_epoch_is_not_enough():
    once = act("zero_grad", 1, phase="between", level="epoch")
    assert "once per epoch" in only(CHECK, code=program(once, act("backward", 2), act("step", 3))).summary


def test_a_library_clears_by_itself():
    assert silent(CHECK, code=program(managed_by="Lightning"))


def test_without_a_loop_it_is_not_examined():
    assert "no loop" in why_skipped(CHECK, code=program())
