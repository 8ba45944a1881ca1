import pytest
from builders import INFO, only, program, silent
from diagnose.checks.c340_slow_input import CHECK

from diagnose.model import Location, SlowInput

AT = Location("program.py", 7)


@pytest.mark.parametrize(
    ("what", "name", "words"),
    [
        ("one_process", "ImageFolder", "of ImageFolder are decoded in the process that trains"),
        ("twice", "labels", "`labels` is moved to the GPU more than once"),
        ("for_each_parameter", "item", "item() is called for each parameter"),
        ("waits", "gc.collect", "waits for gc.collect()"),
    ],
)
def test_each_kind_is_worth_knowing(what, name, words):
    finding = only(CHECK, code=program(seen=(SlowInput(AT, what, name),)))
    assert (finding.severity, words in finding.summary, finding.location) == (INFO, True, AT)


def test_nothing_slow_is_silent():
    assert silent(CHECK, code=program())
