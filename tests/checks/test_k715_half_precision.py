from builders import ERROR, WARNING, checkpoint, only, restored, silent
from diagnose.checks.k715_half_precision import CHECK

WORDS = "32-bit floats in place of 16-bit ones"


def test_a_network_that_overflows_in_16_bits_is_an_error_where_it_was_seen():
    found = only(CHECK, autopsy=checkpoint(0.12, restored=restored("precision", WORDS)))
    assert found.severity is ERROR
    assert WORDS in found.fix


def test_bfloat16_that_does_better_is_a_warning():
    words = "16-bit floats (bfloat16) in place of 32-bit ones"
    assert only(CHECK, autopsy=checkpoint(0.12, restored=restored("precision", words, read=False))).severity is WARNING


def test_another_change_is_another_checks():
    assert silent(CHECK, autopsy=checkpoint(0.12, restored=restored()))
