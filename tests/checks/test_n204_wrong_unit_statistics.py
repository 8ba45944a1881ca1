from builders import ERROR, config, only, program, silent
from diagnose.checks.n204_wrong_unit_statistics import CHECK

UNIT = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
RAW = {"mean": (123.7, 116.3, 103.5), "std": (58.4, 57.1, 57.4)}


def test_equal_units_are_silent():
    assert silent(CHECK, configuration=config(scaling=("1/255",), **UNIT))
    assert silent(CHECK, configuration=config(scaling=(), **RAW))


def test_raw_pixels_are_left_to_the_check_that_names_the_missing_scaling():
    assert silent(CHECK, configuration=config(scaling=(), **UNIT))


def test_unit_statistics_for_a_network_that_takes_raw_pixels():
    wanted = program(weights_want="caffe")
    finding = only(CHECK, code=wanted, configuration=config(scaling=(), weights="imagenet", **UNIT))
    assert finding.severity is ERROR
    assert "0..255" in finding.summary


def test_raw_statistics_on_scaled_pixels():
    assert "255" in only(CHECK, configuration=config(scaling=("1/255",), **RAW)).fix


def test_no_statistics_have_no_units():
    assert silent(CHECK, configuration=config(scaling=(), mean=(), std=()))
