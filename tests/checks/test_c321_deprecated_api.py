from builders import INFO, fact, only, program, silent
from diagnose.checks.c321_deprecated_api import CHECK

from diagnose.model import Deprecated


def used(removed):
    return program(seen=(fact(Deprecated, 3, what="old=", instead="new=", removed=removed),))


def test_current_names_are_silent():
    assert silent(CHECK, code=program())


def test_deprecated_and_removed_are_worth_knowing():
    assert "deprecated" in only(CHECK, code=used(False)).summary
    finding = only(CHECK, code=used(True))
    assert finding.severity is INFO
    assert "removed" in finding.summary
    assert (finding.location.line, "new=" in finding.fix) == (3, True)
