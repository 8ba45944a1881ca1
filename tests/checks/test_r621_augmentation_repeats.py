from builders import WARNING, feed, only, ran, silent
from diagnose.checks.r621_augmentation_repeats import CHECK

from diagnose.model import Location

LINE = Location("data.py", 12)


def test_random_and_plain_images_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=ran(feeds=(feed(drawn_twice=True),)))


def test_a_seed_set_while_an_image_is_fetched_is_a_warning_at_its_line():
    finding = only(CHECK, ran=ran(feeds=(feed(drawn_twice=True, seeded_at=LINE),)))
    assert (finding.severity, finding.location) == (WARNING, LINE)


def test_images_that_differ_all_the_same_are_silent():
    assert silent(CHECK, ran=ran(feeds=(feed(drawn_twice=False, seeded_at=LINE),)))
