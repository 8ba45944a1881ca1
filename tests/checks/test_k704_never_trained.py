from builders import WARNING, checkpoint, only, silent, why_skipped
from diagnose.checks.k704_never_trained import CHECK

from diagnose.model import Confidence, Tensors


def test_statistics_of_images_are_silent():
    assert silent(CHECK, autopsy=checkpoint())


def test_all_as_made_is_a_certain_warning():
    found = only(CHECK, autopsy=checkpoint(tensors=Tensors(count=9, norms=2, untrained=("bn1", "bn2"))))
    assert found.severity is WARNING
    assert found.confidence is Confidence.CERTAIN
    assert found.summary.startswith("All 2 batch norms")


def test_some_as_made_are_likely_a_fault():
    found = only(CHECK, autopsy=checkpoint(tensors=Tensors(count=9, norms=2, untrained=("bn1",))))
    assert found.confidence is Confidence.LIKELY
    assert found.summary.startswith("1 of 2 batch norms")


def test_a_file_that_was_not_read_is_not_examined():
    assert why_skipped(CHECK, autopsy=checkpoint(None, tensors=Tensors(), fault="it may be cut short"))
