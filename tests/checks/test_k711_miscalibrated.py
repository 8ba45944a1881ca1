from builders import INFO, character, checkpoint, only, silent, why_skipped
from diagnose.checks.k711_miscalibrated import CHECK


def model(**more):
    return checkpoint(character=character(**more))


def test_a_small_error_is_silent():
    assert silent(CHECK, autopsy=model())


def test_a_large_one_that_a_temperature_halves_is_worth_knowing():
    found = only(CHECK, autopsy=model(confidence=0.97, calibration=0.17, calibrated=0.03, temperature=2.4))
    assert found.severity is INFO
    assert "2.4" in found.fix
    assert "more sure" in found.summary


def test_one_that_no_temperature_halves_is_silent():
    assert silent(CHECK, autopsy=model(calibration=0.17, calibrated=0.12))


def test_few_images_are_silent():
    assert silent(CHECK, autopsy=model(images=150, calibration=0.17, calibrated=0.03))


def test_without_a_description_it_is_not_examined():
    assert why_skipped(CHECK, autopsy=checkpoint())
