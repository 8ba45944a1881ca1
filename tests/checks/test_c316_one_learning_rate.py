from builders import INFO, config, fact, only, program, silent
from diagnose.checks.c316_one_learning_rate import CHECK

from diagnose.model import ParameterGroups


def tuned(rate, optimizer="adam", **more):
    return config(**{"weights": "imagenet", "frozen": (), "learning_rate": rate, "optimizer": optimizer, **more})


def test_usual_rates_are_silent():
    assert silent(CHECK, configuration=tuned(1e-4))
    assert silent(CHECK, configuration=tuned(0.01, "sgd"))


def test_a_rate_for_the_head_alone_is_worth_knowing():
    assert only(CHECK, configuration=tuned(0.003)).severity is INFO


def test_a_rate_beyond_all_use_is_told_elsewhere():
    assert silent(CHECK, configuration=tuned(10.0, "sgd"))


def test_a_frozen_backbone_keeps_its_features():
    assert silent(CHECK, configuration=tuned(0.01, frozen=("backbone",)))


def test_two_groups_are_the_cure():
    code = program(seen=(fact(ParameterGroups, groups=2, rates_differ=True),))
    assert silent(CHECK, configuration=tuned(0.003), code=code)


def test_from_scratch_is_another_matter():
    assert silent(CHECK, configuration=tuned(0.003, weights="none"))


def test_nadam_is_judged_as_adam_is():
    said = config(weights="imagenet", frozen=(), learning_rate=0.05, optimizer="nadam", batch_size=32)
    assert "usually take 0.001 or less" in only(CHECK, configuration=said).summary
