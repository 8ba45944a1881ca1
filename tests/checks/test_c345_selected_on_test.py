from builders import WARNING, fact, only, program, silent
from diagnose.checks.c345_selected_on_test import CHECK

from diagnose.model import SelectedOnTest


def test_a_plain_program_is_silent():
    assert silent(CHECK, code=program())


def test_a_choice_on_test_images_is_a_warning():
    finding = only(CHECK, code=program(seen=(fact(SelectedOnTest, 6, by="EarlyStopping", scored_at=8),)))
    assert (finding.severity, finding.location.line) == (WARNING, 6)
    assert finding.summary.startswith("EarlyStopping chooses")
