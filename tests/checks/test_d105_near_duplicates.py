from builders import INFO, WARNING, dataset, only, silent, why_skipped
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


def test_before_the_search_has_ended_nothing_is_said():
    assert "still being looked for" in why_skipped(CHECK, dataset=dataset(searched=False))
