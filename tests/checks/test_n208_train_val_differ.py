from builders import ERROR, WARNING, config, only, silent, why_skipped
from diagnose.checks.n208_train_val_differ import CHECK

SAME = {"scaling": ("1/255",), "val_scaling": ("1/255",), "mean": (0.5,) * 3, "val_mean": (0.5,) * 3}


def test_equal_preparation_is_silent():
    assert silent(CHECK, configuration=config(**SAME, input_size=176, val_input_size=224))


def test_scaling_on_one_side_is_an_error_at_the_other():
    finding = only(CHECK, configuration=config(**{**SAME, "val_scaling": ()}))
    assert finding.severity is ERROR
    assert finding.location.line == 2


def test_other_statistics_are_an_error():
    assert only(CHECK, configuration=config(**{**SAME, "val_mean": ()})).severity is ERROR


def test_sizes_far_apart_are_a_warning():
    assert only(CHECK, configuration=config(**SAME, input_size=64, val_input_size=224)).severity is WARNING


def test_one_side_alone_is_not_examined():
    assert "both sides" in why_skipped(CHECK, configuration=config(scaling=()))
