from builders import ERROR, WARNING, checkpoint, only, silent, why_skipped
from diagnose.checks.k703_weights_not_finite import CHECK

from diagnose.model import Tensors


def test_numbers_are_silent():
    assert silent(CHECK, autopsy=checkpoint())


def test_nan_is_an_error():
    found = only(CHECK, autopsy=checkpoint(tensors=Tensors(count=3, not_finite=("fc.weight",))))
    assert found.severity is ERROR
    assert "fc.weight" in found.summary


def test_a_constant_kernel_is_a_warning():
    assert only(CHECK, autopsy=checkpoint(tensors=Tensors(count=3, constant=("fc.weight",)))).severity is WARNING


def test_a_file_that_was_not_read_is_not_examined():
    assert "cut" in why_skipped(CHECK, autopsy=checkpoint(None, tensors=Tensors(), fault="it may be cut short"))
