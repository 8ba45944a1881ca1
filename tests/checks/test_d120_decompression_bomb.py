from builders import ERROR, dataset, only, silent
from diagnose.checks.d120_decompression_bomb import CHECK

from diagnose.model import Files


def test_ordinary_images_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_a_bomb_is_an_error():
    finding = only(CHECK, dataset=dataset(faults={"bomb": Files(1, ("cat/a.png",), ("200000 x 200000 pixels",))}))
    assert finding.severity is ERROR
    assert finding.summary.startswith("1 image promises")


def test_other_faults_are_not_its_own():
    assert silent(CHECK, dataset=dataset(faults={"truncated": Files(1, ("cat/a.png",))}))
