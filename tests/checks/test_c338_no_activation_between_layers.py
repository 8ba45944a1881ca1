import pytest
from builders import WARNING, fact, only, program, silent
from diagnose.checks.c338_no_activation_between_layers import CHECK

from diagnose.model import Location, NoActivation


def test_layers_with_activations_are_silent():
    assert silent(CHECK, code=program())


@pytest.mark.parametrize(("kind", "words"), [("linear", "fully connected layer"), ("conv", "convolution")])
def test_two_layers_in_a_row_are_a_warning(kind, words):
    seen = fact(NoActivation, kind=kind, first=Location("net.py", 4))
    finding = only(CHECK, code=program(seen=(seen,)))
    assert finding.severity is WARNING
    assert f"this {words} and the one before it (line 4)" in finding.summary
