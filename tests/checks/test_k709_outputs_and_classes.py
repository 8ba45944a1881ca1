from builders import ERROR, WARNING, checkpoint, only, silent, why_skipped
from diagnose.checks.k709_outputs_and_classes import CHECK

from diagnose.model import Tensors


def outputs(number, classes=10):
    return checkpoint(tensors=Tensors(count=9, outputs=number), of_classes=classes)


def test_as_many_outputs_as_classes_are_silent():
    assert silent(CHECK, autopsy=outputs(10))


def test_one_output_for_two_classes_is_silent():
    assert silent(CHECK, autopsy=outputs(1, 2))


def test_too_few_are_an_error():
    assert only(CHECK, autopsy=outputs(9)).severity is ERROR


def test_imagenets_are_a_warning():
    found = only(CHECK, autopsy=outputs(1000))
    assert found.severity is WARNING
    assert "1000" in found.summary


def test_an_unknown_number_is_not_examined():
    assert why_skipped(CHECK, autopsy=outputs(None))
