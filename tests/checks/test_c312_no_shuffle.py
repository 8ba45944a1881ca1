from builders import ERROR, WARNING, config, only, program, silent, why_skipped
from diagnose.checks.c312_no_shuffle import CHECK


def test_shuffled_is_silent():
    assert silent(CHECK, configuration=config(shuffle=True))


def test_unshuffled_is_an_error():
    assert only(CHECK, configuration=config(shuffle=False)).severity is ERROR


def test_a_program_whose_images_lie_class_by_class_is_an_error():
    code = program(class_by_class=True)
    assert only(CHECK, configuration=config(shuffle=False), code=code).severity is ERROR


def test_another_order_or_an_unknown_one_is_a_warning():
    for order in (False, None):
        code = program(class_by_class=order)
        assert only(CHECK, configuration=config(shuffle=False), code=code).severity is WARNING


def test_unknown_is_not_examined():
    assert "`shuffle`" in why_skipped(CHECK, configuration=config(epochs=1))
