from builders import INFO, WARNING, dataset, only, silent
from diagnose.checks.d104_exact_duplicates import CHECK

from diagnose.model import Groups


def test_no_copies_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_many_copies_are_a_warning():
    finding = only(CHECK, dataset=dataset(duplicates=Groups(3, 13, (("cat/a.jpg", "cat/b.jpg"),))))
    assert finding.severity is WARNING
    assert finding.measured["copies"] == 10
    assert finding.files == ("cat/a.jpg = cat/b.jpg",)


def test_a_single_copy_is_worth_knowing():
    assert only(CHECK, dataset=dataset(duplicates=Groups(1, 2, ()))).severity is INFO
