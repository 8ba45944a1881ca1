from builders import WARNING, config, only, program, silent
from diagnose.checks.c318_input_size_differs import CHECK


def test_usual_sizes_are_silent():
    for size in (96, 128, 224, 448):
        assert silent(CHECK, configuration=config(weights="imagenet", input_size=size))


def test_tiny_images_into_pretrained_weights_are_a_warning():
    assert only(CHECK, configuration=config(weights="imagenet", input_size=32)).severity is WARNING


def test_random_weights_know_no_size():
    assert silent(CHECK, configuration=config(weights="none", input_size=32))


def test_a_fix_is_offered_only_where_both_sides_grow():
    said = {"weights": "imagenet", "input_size": 64}
    assert only(CHECK, configuration=config(**said)).changes == {"input_size": 224}
    assert only(CHECK, configuration=config(**said), code=program()).changes == {}
    both = config(**said, val_input_size=64)
    assert only(CHECK, configuration=both, code=program()).changes == {"input_size": 224, "val_input_size": 224}
