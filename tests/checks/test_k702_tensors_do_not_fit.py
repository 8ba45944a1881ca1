from builders import ERROR, WARNING, checkpoint, only, restored, silent, why_skipped
from diagnose.checks.k702_tensors_do_not_fit import CHECK

from diagnose.model import Tensors

LACKING = Tensors(count=100, missing=("layer1.0.conv1.weight",), extra=("old.weight",))


def test_one_that_fits_is_silent():
    assert silent(CHECK, autopsy=checkpoint())


def test_tensors_without_a_place_alone_are_silent():
    assert silent(CHECK, autopsy=checkpoint(tensors=Tensors(count=100, extra=("aux.weight",))))


def test_missing_tensors_are_an_error_where_a_person_names_the_network():
    found = only(CHECK, autopsy=checkpoint(named_by="--arch", tensors=LACKING))
    assert found.severity is ERROR
    assert "layer1.0.conv1.weight" in found.summary


def test_missing_tensors_are_a_warning_where_the_tensors_name_it():
    assert only(CHECK, autopsy=checkpoint(named_by="the tensors", tensors=LACKING)).severity is WARNING


def test_an_unknown_architecture_is_not_examined():
    assert "named" in why_skipped(CHECK, autopsy=checkpoint(None, arch="", stopped="it can't be named"))


def test_weights_that_did_not_arrive_are_an_error_and_say_what_they_would_score():
    tensors = Tensors(count=100, not_loaded=("fc.weight", "fc.bias"), left_out=2)
    better = restored("weights that arrived", "all of the checkpoint's tensors in place of those that arrived")
    found = only(CHECK, autopsy=checkpoint(0.31, named_by="the run", tensors=tensors, restored=better))
    assert found.severity is ERROR
    assert "2 tensors" in found.summary
    assert "85.0%" in found.summary
