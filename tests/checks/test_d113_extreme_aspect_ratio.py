from builders import INFO, WARNING, dataset, only, silent
from diagnose.checks.d113_extreme_aspect_ratio import CHECK

from diagnose.model import Files


def test_ordinary_shapes_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_many_banners_are_a_warning():
    finding = only(CHECK, dataset=dataset(long=Files(48, ("cat/a.jpg",), ("900x100",))))
    assert finding.severity is WARNING
    assert finding.measured["sizes"] == ["900x100"]


def test_a_few_are_worth_knowing():
    assert only(CHECK, dataset=dataset(long=Files(8, ("cat/a.jpg",), ("900x100",)))).severity is INFO
