from builders import FILE, WARNING, config, fact, only, program, silent, why_skipped
from diagnose.checks.c317_no_regularisation import CHECK

from diagnose.model import Location, Regularisers, Unfollowed


def trained(*names, **more):
    said = {"weights": "none", "weight_decay": 0.0, "train_augmentations": (), **more}
    return {"configuration": config(**said), "code": program(seen=(fact(Regularisers, names=names),))}


def test_nothing_against_memorising_is_a_warning():
    assert only(CHECK, **trained()).severity is WARNING


def test_any_of_the_means_is_enough():
    assert silent(CHECK, **trained("dropout"))
    assert silent(CHECK, **trained(weight_decay=1e-4))
    assert silent(CHECK, **trained(train_augmentations=("random_crop",)))


def test_pretrained_weights_are_another_matter():
    assert silent(CHECK, **trained(weights="imagenet"))


def two(*trainings, **more):
    seen = tuple(fact(Regularisers, line, **detail) for line, detail in trainings)
    said = {"weights": "none", "weight_decay": 0.0}
    return {"configuration": config(**said), "code": program(seen=seen, **more)}


BARE = {"names": (), "weights": "none", "weight_decay": 0.0, "train_augmentations": ()}


def test_of_two_trainings_the_bare_one_is_named():
    finding = only(CHECK, **two((10, BARE), (20, {**BARE, "train_augmentations": ("flip",)})))
    assert "training at line 10" in finding.summary
    assert finding.location.line == 10


def test_two_trainings_of_which_too_little_is_known_are_not_examined():
    unknown = {**BARE, "train_augmentations": None}
    assert "`train_augmentations`" in why_skipped(CHECK, **two((10, unknown), (20, {**BARE, "names": ("dropout",)})))


def test_what_was_not_followed_may_hold_regularisation():
    lost = (Unfollowed("build()", Location(FILE, 4), frozenset({"regularisation"})),)
    seen = (fact(Regularisers, names=()),)
    said = {"weights": "none", "weight_decay": 0.0, "train_augmentations": ()}
    parts = {"configuration": config(**said), "code": program(seen=seen, unfollowed=lost)}
    assert "build() at line 4 was not followed" in why_skipped(CHECK, **parts)
    assert "build() at line 4" in why_skipped(CHECK, **two((10, BARE), (20, BARE), unfollowed=lost))
