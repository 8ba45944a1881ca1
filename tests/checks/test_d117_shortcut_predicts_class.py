import pytest
from builders import INFO, WARNING, dataset, interval, only, silent, why_skipped
from diagnose.checks.d117_shortcut_predicts_class import CHECK

from diagnose.model import Shortcut


def shortcut(attribute: str, low: float, chance: float = 0.25) -> Shortcut:
    return Shortcut(attribute, low + 0.02, interval(low, low + 0.04), chance, 400, (("cat", 1.0),))


def test_what_is_no_better_than_chance_is_silent():
    assert silent(CHECK, dataset=dataset(shortcuts=(shortcut("size", 0.2), shortcut("brightness", 0.4))))


def test_a_size_that_tells_the_class_is_a_warning():
    finding = only(CHECK, dataset=dataset(shortcuts=(shortcut("size", 0.9),)))
    assert finding.severity is WARNING
    assert finding.summary.startswith("The size of the images alone predicts the class of 92% [90, 94]")
    assert finding.measured["surest_classes"] == {"cat": 1.0}


@pytest.mark.parametrize(("attribute", "severity"), [("border", WARNING), ("brightness", INFO), ("bytes", INFO)])
def test_what_the_content_may_set_must_tell_nearly_all(attribute, severity):
    assert silent(CHECK, dataset=dataset(shortcuts=(shortcut(attribute, 0.7),)))
    assert only(CHECK, dataset=dataset(shortcuts=(shortcut(attribute, 0.9),))).severity is severity


def test_a_sorted_list_is_worth_knowing():
    finding = only(CHECK, dataset=dataset(shortcuts=(shortcut("order", 0.9),)))
    assert finding.severity is INFO
    assert "Shuffle" in finding.fix


def test_the_uncertain_end_of_the_interval_decides():
    wide = Shortcut("size", 0.9, interval(0.5, 1.0), 0.25, 40)
    assert silent(CHECK, dataset=dataset(shortcuts=(wide,)))


def test_too_few_images_are_not_examined():
    assert "fewer than 20" in why_skipped(CHECK, dataset=dataset(train=8))


def alone(attribute: str, gain: float) -> Shortcut:
    return Shortcut(attribute, 0.5, interval(0.4, 0.6), 0.25, 400, (), (("cat", gain),))


@pytest.mark.parametrize(
    ("attribute", "gain", "severity"), [("bars", 0.6, WARNING), ("blocks", 0.6, WARNING), ("sharpness", 0.9, INFO)]
)
def test_a_cue_of_one_class(attribute, gain, severity):
    finding = only(CHECK, dataset=dataset(shortcuts=(alone(attribute, gain),)))
    assert finding.severity is severity
    assert "alone predicts cat from all other classes" in finding.summary


def test_surroundings_that_the_middle_tells_too_are_the_content():
    surround = shortcut("surround", 0.9)
    assert only(CHECK, dataset=dataset(shortcuts=(surround, shortcut("middle", 0.3)))).severity is WARNING
    assert silent(CHECK, dataset=dataset(shortcuts=(surround, shortcut("middle", 0.9))))
    assert silent(CHECK, dataset=dataset(shortcuts=(shortcut("middle", 0.9),)))


def test_bars_are_named_in_place_of_the_surroundings_they_make():
    finding = only(CHECK, dataset=dataset(shortcuts=(shortcut("surround", 0.9), alone("bars", 0.7))))
    assert finding.subject == "bars of classes"
