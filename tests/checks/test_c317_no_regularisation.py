from builders import WARNING, config, observed, only, program, silent
from diagnose.checks.c317_no_regularisation import CHECK


def trained(*names, **more):
    said = {"weights": "none", "weight_decay": 0.0, "train_augmentations": (), **more}
    return {"configuration": config(**said), "code": program(observations=(observed("regularisers", names=names),))}


def test_nothing_against_memorising_is_a_warning():
    assert only(CHECK, **trained()).severity is WARNING


def test_any_of_the_means_is_enough():
    assert silent(CHECK, **trained("dropout"))
    assert silent(CHECK, **trained(weight_decay=1e-4))
    assert silent(CHECK, **trained(train_augmentations=("random_crop",)))


def test_pretrained_weights_are_another_matter():
    assert silent(CHECK, **trained(weights="imagenet"))
