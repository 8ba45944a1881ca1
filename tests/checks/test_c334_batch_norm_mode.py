import pytest
from builders import ERROR, WARNING, config, dataset, fact, only, program, silent
from diagnose.checks.c334_batch_norm_mode import CHECK

from diagnose.model import AlwaysTraining, FrozenStatistics, KerasMode, LayerUsedTwice, MovingMomentum, OldFrozenNorm


def seen(kind, **detail):
    return program(seen=(fact(kind, **detail),))


def test_layers_that_follow_the_mode_are_silent():
    assert silent(CHECK, code=program())


def test_batch_norm_that_never_leaves_training_mode_is_an_error():
    finding = only(CHECK, code=seen(AlwaysTraining, layer="batch norm", how="made"))
    assert finding.severity is ERROR
    assert "new batch norm" in finding.summary


def test_dropout_that_acts_in_evaluation_is_a_warning():
    finding = only(CHECK, code=seen(AlwaysTraining, layer="dropout", how="function"))
    assert finding.severity is WARNING
    assert finding.summary.startswith("Dropout")
    assert finding.rewrites == ("pass-training",)


def test_frozen_layers_with_moving_statistics_are_a_warning_where_they_were_pretrained():
    code = seen(FrozenStatistics, part="the backbone")
    assert only(CHECK, code=code, configuration=config(weights="imagenet")).severity is WARNING
    assert silent(CHECK, code=code, configuration=config(weights="none"))


def test_one_layer_in_the_place_of_two_is_an_error():
    finding = only(CHECK, code=seen(LayerUsedTwice, twice="bn1", unused="bn2"))
    assert finding.severity is ERROR
    assert "bn2 is never used" in finding.summary


def run_of(images, momentum=0.99, epochs=2):
    said = config(epochs=epochs, batch_size=32)
    return {"code": seen(MovingMomentum, momentum=momentum), "configuration": said, "dataset": dataset(train=images)}


def test_running_statistics_that_few_updates_leave_where_they_began():
    finding = only(CHECK, **run_of(640))
    assert finding.severity is WARNING
    assert "80 updates" in finding.summary
    assert "45%" in finding.summary


def test_enough_updates_or_a_lower_momentum_are_silent():
    assert silent(CHECK, **run_of(64_000))
    assert silent(CHECK, **run_of(640, momentum=0.9))
    assert silent(CHECK, code=seen(MovingMomentum, momentum=0.99))


@pytest.mark.parametrize(
    ("training", "layer", "severity", "word"),
    [
        (False, "the training step", WARNING, "batch norm and Dropout stays in evaluation mode"),
        (True, "the validation", ERROR, "acts as in training"),
        (True, "ResNet50", WARNING, "ResNet50 is called with training=True"),
    ],
)
def test_keras_layers_in_a_wrong_mode(training, layer, severity, word):
    seen = fact(KerasMode, training=training, layer=layer, norms=True, others=("Dropout",))
    finding = only(CHECK, code=program(framework="keras", seen=(seen,)))
    assert finding.severity is severity
    assert word in finding.summary


def test_frozen_batch_norm_of_old_keras_is_a_warning():
    finding = only(CHECK, code=program(seen=(fact(OldFrozenNorm),)))
    assert finding.severity is WARNING
    assert "2.3" in finding.summary
