from builders import ERROR, config, only, silent, why_skipped

from checks.n203_missing_normalisation import CHECK


def test_normalised_input_is_silent():
    assert silent(CHECK, configuration=config(weights="imagenet", mean=(0.485, 0.456, 0.406)))


def test_pretrained_without_normalisation_is_an_error():
    assert only(CHECK, configuration=config(weights="imagenet", mean=())).severity is ERROR


def test_one_half_everywhere_may_be_how_the_weights_were_trained():
    assert silent(CHECK, configuration=config(weights="IMAGENET1K_V1", mean=(0.5, 0.5, 0.5)))


def test_scratch_may_go_without():
    assert silent(CHECK, configuration=config(weights="none", mean=()))


def test_unknown_weights_are_not_examined():
    assert "`weights`" in why_skipped(CHECK, configuration=config(mean=()))


def test_raw_pixels_are_the_greater_fault():
    assert "N201" in why_skipped(CHECK, configuration=config(weights="imagenet", scaling=(), mean=()))
