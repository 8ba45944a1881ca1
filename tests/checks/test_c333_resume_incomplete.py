from builders import INFO, WARNING, fact, only, program, silent
from diagnose.checks.c333_resume_incomplete import CHECK

from diagnose.model import Confidence, ResumeIncomplete


def resumed(*missing, saved=(), named=False):
    return program(seen=(fact(ResumeIncomplete, missing=missing, saved=saved, named=named),))


def test_a_whole_resume_is_silent():
    assert silent(CHECK, code=program())


def test_an_optimizer_that_is_saved_is_to_be_loaded():
    finding = only(CHECK, code=resumed("optimizer", saved=("optimizer",)))
    assert finding.severity is WARNING
    assert finding.fix.startswith("Load the state of the optimizer")
    assert finding.rewrites == ("restore-optimizer",)


def test_what_is_not_saved_is_to_be_saved_first():
    finding = only(CHECK, code=resumed("optimizer", "schedule", saved=("schedule",)))
    assert "the optimizer and the learning-rate schedule" in finding.summary
    assert finding.fix.startswith("Save the state of the optimizer")


def test_a_scaler_alone_is_worth_knowing():
    assert only(CHECK, code=resumed("scaler")).severity is INFO


def test_a_name_alone_makes_it_likely():
    assert only(CHECK, code=resumed("optimizer", named=True)).confidence is Confidence.LIKELY
