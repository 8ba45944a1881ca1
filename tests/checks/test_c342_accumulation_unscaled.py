import pytest
from builders import INFO, WARNING, config, only, program, silent
from diagnose.checks.c342_accumulation_unscaled import CHECK

from diagnose.model import Accumulation, Location

AT = Location("program.py", 7)


def judged(optimizer="sgd", **values):
    words = {"batches": 4, "scaled": False, **values}
    return {"configuration": config(optimizer=optimizer), "code": program(seen=(Accumulation(AT, **words),))}


@pytest.mark.parametrize(
    ("optimizer", "severity", "words"),
    [("sgd", WARNING, "4 times as large"), ("adamw", INFO, "AdamW divides that out"), ("lion", INFO, "Lion divides")],
)
def test_how_much_it_matters_depends_on_the_optimizer(optimizer, severity, words):
    finding = only(CHECK, **judged(optimizer))
    assert (finding.severity, words in finding.summary, finding.location) == (severity, True, AT)


def test_an_unknown_number_of_batches():
    assert "as many times as large" in only(CHECK, **judged(batches=None)).summary


def test_a_divided_loss_is_silent_and_so_are_gradients_that_are_cleared():
    assert silent(CHECK, **judged(scaled=True))
    assert silent(CHECK, **judged(cleared=AT))
