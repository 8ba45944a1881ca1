from builders import INFO, WARNING, dataset, only, silent
from diagnose.checks.d115_exif_rotated import CHECK

from diagnose.model import Files


def test_upright_images_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_many_turned_ones_are_a_warning():
    finding = only(CHECK, dataset=dataset(rotated=Files(20, ("cat/a.jpg",), ("6",))))
    assert finding.severity is WARNING
    assert finding.measured == {"images": 20, "share": 0.05, "orientations": ["6"]}


def test_a_single_one_is_worth_knowing():
    assert only(CHECK, dataset=dataset(rotated=Files(1, ("cat/a.jpg",), ("3",)))).severity is INFO
