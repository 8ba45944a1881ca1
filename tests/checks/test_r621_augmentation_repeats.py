from builders import WARNING, config, feed, only, ran, silent
from diagnose.checks.r621_augmentation_repeats import CHECK

from diagnose.model import WORKERS_ALIKE, Location, Mistake

LINE = Location("data.py", 12)
FLIPS = config(train_augmentations=("resize", "random_horizontal_flip"))
PLAIN = config(train_augmentations=("resize",))


def repeated(**more):
    return ran(
        feeds=(feed(**{"drawn_twice": True, "drawn_later": True, "passed_on": True, "given": feed().pixels, **more}),)
    )


def test_random_and_plain_images_are_silent():
    assert silent(CHECK, ran=ran(feeds=(feed(drawn_later=False),)))
    assert silent(CHECK, ran=repeated(), configuration=PLAIN)


def test_a_seed_set_while_an_image_is_fetched_is_a_warning_at_its_line():
    finding = only(CHECK, ran=repeated(seeded_at=LINE))
    assert (finding.severity, finding.location) == (WARNING, LINE)


def test_images_that_differ_all_the_same_are_silent():
    assert silent(CHECK, ran=repeated(drawn_twice=False, seeded_at=LINE))


def test_a_seed_that_changes_with_the_epoch_is_silent():
    assert silent(CHECK, ran=repeated(drawn_later=False, seeded_at=LINE))


def test_images_augmented_before_the_training_are_a_warning():
    finding = only(CHECK, ran=repeated(), configuration=FLIPS)
    assert finding.measured["augmentations"] == ["random_horizontal_flip"]


def test_augmentation_behind_the_loader_is_silent():
    assert silent(CHECK, ran=repeated(passed_on=False), configuration=FLIPS)
    assert silent(CHECK, ran=repeated(given=None), configuration=FLIPS)


def test_augmented_images_that_are_kept_are_a_warning():
    assert "is kept" in only(CHECK, ran=repeated(draws=True)).summary
    assert silent(CHECK, ran=repeated(draws=True, drawn_later=False))
    assert silent(CHECK, ran=repeated(draws=False))


def test_workers_that_all_begin_alike_are_a_warning():
    mistakes = (Mistake(WORKERS_ALIKE, "NumPy", Location("train.py", 49)),)
    found = only(CHECK, ran=ran(feeds=(feed(workers=2),), mistakes=mistakes))
    assert found.location == Location("train.py", 49)
    assert silent(CHECK, ran=ran(feeds=(feed(workers=0, drawn_later=False),), mistakes=mistakes))
