from builders import WARNING, config, fact, only, program, silent
from diagnose.checks.n209_random_augmentation_in_validation import CHECK

from diagnose.model import RandomValidation


def test_deterministic_steps_are_silent():
    assert silent(CHECK, configuration=config(val_augmentations=("resize", "center_crop")))
    assert silent(CHECK, configuration=config(val_augmentations=()))


def test_random_ones_are_a_warning():
    assert only(CHECK, configuration=config(val_augmentations=("random_crop",))).severity is WARNING


def test_a_shared_transform_is_told():
    code = program(seen=(fact(RandomValidation, names=("random_crop",), shared=True),))
    finding = only(CHECK, configuration=config(val_augmentations=("random_crop",)), code=code)
    assert "share" in finding.summary
