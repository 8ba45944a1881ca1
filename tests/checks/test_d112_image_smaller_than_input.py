from builders import INFO, config, dataset, only, silent, why_skipped
from diagnose.checks.d112_image_smaller_than_input import CHECK

LARGE, SMALL = tuple(range(300, 401)), (28,) * 101
MIXED = (60,) * 10 + (400,) * 91


def test_images_of_half_the_input_or_more_are_silent():
    assert silent(CHECK, dataset=dataset(shorter_side=LARGE), configuration=config(input_size=224))
    assert silent(CHECK, dataset=dataset(shorter_side=(112,) * 101), configuration=config(input_size=224))


def test_small_images_throughout():
    finding = only(CHECK, dataset=dataset(shorter_side=SMALL), configuration=config(input_size=224))
    assert finding.severity is INFO
    assert finding.summary.startswith("100% of the images are enlarged")


def test_some_small_ones_among_large():
    finding = only(CHECK, dataset=dataset(shorter_side=MIXED), configuration=config(input_size=224))
    assert finding.summary.startswith("10% of the images, but not the rest,")
    assert finding.measured["smallest"] == 60


def test_an_unknown_input_size_is_not_examined():
    assert "input_size" in why_skipped(CHECK, dataset=dataset(shorter_side=SMALL), configuration=config())
