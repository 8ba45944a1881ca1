from builders import INFO, WARNING, dataset, only, silent
from diagnose.checks.d105_near_duplicates import CHECK

from diagnose.model import Groups


def test_no_copies_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_many_copies_are_a_warning():
    finding = only(CHECK, dataset=dataset(near_duplicates=Groups(10, 40, (("cat/a.jpg", "cat/b.jpg"),))))
    assert finding.severity is WARNING
    assert finding.measured["copies"] == 30
    assert finding.files == ("cat/a.jpg ~ cat/b.jpg",)


def test_a_few_are_worth_knowing():
    assert only(CHECK, dataset=dataset(near_duplicates=Groups(1, 2, ()))).severity is INFO
