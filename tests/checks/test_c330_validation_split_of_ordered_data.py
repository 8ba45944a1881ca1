from builders import ERROR, fact, only, program, silent
from diagnose.checks.c330_validation_split_of_ordered_data import CHECK

from diagnose.model import OrderedSplit


def test_images_in_a_mixed_order_are_silent():
    assert silent(CHECK, code=program(framework="keras"))


def test_a_split_of_arrays_names_the_line_that_lists_them():
    finding = only(CHECK, code=program(framework="keras", seen=(fact(OrderedSplit, how="validation_split", labels=7),)))
    assert finding.severity is ERROR
    assert "validation_split" in finding.summary
    assert "(line 7)" in finding.summary
    assert finding.rewrites == ("mix-before-split",)


def test_a_split_of_a_folder_is_mended_by_hand():
    seen = fact(OrderedSplit, how="shuffle=False", labels=None, arrays=False)
    finding = only(CHECK, code=program(framework="keras", seen=(seen,)))
    assert "shuffle=True" in finding.fix
    assert finding.rewrites == ()
