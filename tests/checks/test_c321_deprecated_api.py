from builders import INFO, WARNING, fact, only, program, silent
from diagnose.checks.c321_deprecated_api import CHECK

from diagnose.model import Deprecated


def used(removed):
    return program(seen=(fact(Deprecated, 3, what="old=", instead="new=", removed=removed),))


def test_current_names_are_silent():
    assert silent(CHECK, code=program())


def test_deprecated_is_worth_knowing_and_removed_is_a_warning():
    assert only(CHECK, code=used(False)).severity is INFO
    finding = only(CHECK, code=used(True))
    assert finding.severity is WARNING
    assert (finding.location.line, "new=" in finding.fix) == (3, True)
