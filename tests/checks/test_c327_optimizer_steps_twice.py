import pytest
from builders import ERROR, act, only, program, silent, why_skipped
from diagnose.checks.c327_optimizer_steps_twice import CHECK


@pytest.mark.parametrize(
    "right",
    [
        (act("zero_grad", 1), act("backward", 2), act("step", 3)),
        (act("backward", 1), act("step", 2), act("zero_grad", 3)),
        (
            act("backward", 1),
            act("step", 2, when=frozenset({(1, True)})),
            act("zero_grad", 3, when=frozenset({(1, True)})),
        ),
        (
            act("zero_grad", 1),
            act("backward", 2, when=frozenset({(1, False)})),
            act("step", 3, when=frozenset({(1, False)})),
            act("backward", 4, when=frozenset({(1, True)})),
            act("step", 5, when=frozenset({(1, True)})),
        ),
        (act("backward", 1), act("step", 2, subject=1), act("backward", 3), act("step", 4, subject=2)),
    ],
    ids=["usual", "cleared after", "accumulated", "two branches", "two optimizers"],
)
def test_usual_orders_are_silent(right):
    assert silent(CHECK, code=program(*right))


def test_clearing_between_backward_and_step_is_an_error_at_the_clearing():
    finding = only(CHECK, code=program(act("backward", 1), act("zero_grad", 2), act("step", 3)))
    assert (finding.severity, finding.location.line) == (ERROR, 2)


def test_clearing_after_backward_with_the_step_first_is_one_too():
    finding = only(CHECK, code=program(act("step", 1), act("backward", 2), act("zero_grad", 3)))
    assert finding.location.line == 3


def test_two_steps_for_one_backward_are_an_error_at_the_second():
    finding = only(CHECK, code=program(act("zero_grad", 1), act("backward", 2), act("step", 3), act("step", 4)))
    assert (finding.severity, finding.location.line) == (ERROR, 4)


def test_without_a_step_it_is_not_examined():
    assert "no loop" in why_skipped(CHECK, code=program())
