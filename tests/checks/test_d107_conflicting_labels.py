from builders import WARNING, dataset, only, silent, why_skipped
from diagnose.checks.d107_conflicting_labels import CHECK

from diagnose.model import Groups


def test_one_label_each_is_silent():
    assert silent(CHECK, dataset=dataset())


def test_one_picture_in_two_classes():
    finding = only(CHECK, dataset=dataset(conflicts=Groups(1, 2, (("cat/a.jpg", "dog/b.jpg"),))))
    assert finding.severity is WARNING
    assert finding.files == ("cat/a.jpg = dog/b.jpg",)


def test_copies_inside_a_class_are_no_conflict():
    assert silent(CHECK, dataset=dataset(duplicates=Groups(1, 2, ())))


def test_before_the_search_has_ended_nothing_is_said():
    assert "still being looked for" in why_skipped(CHECK, dataset=dataset(searched=False))
