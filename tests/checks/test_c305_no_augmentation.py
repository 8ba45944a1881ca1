from builders import WARNING, config, dataset, only, silent, why_skipped
from diagnose.checks.c305_no_augmentation import CHECK


def test_augmented_training_is_silent():
    said = config(weights="none", train_augmentations=("random_resized_crop", "normalize"))
    assert silent(CHECK, dataset=dataset(50), configuration=said)


def test_none_on_little_data():
    finding = only(CHECK, dataset=dataset(500), configuration=config(weights="none", train_augmentations=()))
    assert finding.severity is WARNING


def test_deterministic_steps_augment_nothing():
    said = config(weights="imagenet", train_augmentations=("resize", "center_crop"))
    assert only(CHECK, dataset=dataset(50), configuration=said).measured["limit"] == 100


def test_pretrained_weights_need_less():
    assert silent(CHECK, dataset=dataset(500), configuration=config(weights="imagenet", train_augmentations=()))


def test_unknown_augmentation_is_not_examined():
    assert "`train_augmentations`" in why_skipped(CHECK, dataset=dataset(), configuration=config())
