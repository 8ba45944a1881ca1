"""What Keras programs tell their loss, optimizer, schedule and head, read from small texts."""

import pytest

from diagnose.config.read import read_configuration

PROGRAM = """
from tensorflow import keras
from tensorflow.keras import layers, losses, optimizers
base = keras.applications.ResNet50(include_top=False, pooling="avg")
model = keras.Sequential([base, {head} layers.Dense(5, activation="softmax")])
model.compile({optimizer}, {loss})
model.fit(x, y, epochs=10 {fit})
"""
EMPTY = {"head": "", "optimizer": '"adam"', "loss": '"categorical_crossentropy"', "fit": ""}


@pytest.fixture
def read(tmp_path):
    def run(**changes):
        (tmp_path / "train.py").write_text(PROGRAM.format(**{**EMPTY, **changes}))
        return read_configuration(str(tmp_path / "train.py")).config

    return run


def test_a_plain_program_has_keras_defaults(read):
    config = read()
    assert config.loss_options.value == config.head_options.value == ()
    assert config.optimizer_options.value == (("eps", 1e-7),)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"loss": "losses.CategoricalCrossentropy(from_logits=True)"}, (("from_logits", True),)),
        ({"loss": "losses.CategoricalCrossentropy(label_smoothing=0.1)"}, (("label_smoothing", 0.1),)),
        ({"fit": ", class_weight={0: 1.0, 1: 2.0}"}, (("class_weights", (1.0, 2.0)),)),
        ({"fit": ", class_weight=weights()"}, (("class_weights", "computed"),)),
    ],
)
def test_the_loss(read, changes, expected):
    assert read(**changes).loss_options.value == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("optimizers.SGD(0.01, momentum=0.9, nesterov=True)", (("nesterov", True),)),
        ("optimizers.Adam(beta_1=0.8, clipnorm=1.0)", (("betas", (0.8, 0.999)), ("clip_norm", 1.0), ("eps", 1e-7))),
        ("optimizers.RMSprop(rho=0.95, epsilon=1e-3)", (("alpha", 0.95), ("eps", 1e-3))),
        ("optimizers.RMSprop()", (("alpha", 0.9), ("eps", 1e-7))),
        ("optimizers.Adadelta(rho=0.9)", (("eps", 1e-7), ("rho", 0.9))),
    ],
)
def test_the_optimizer(read, made, expected):
    assert read(optimizer=made).optimizer_options.value == expected


def test_the_schedule_counts_batches(read):
    config = read(optimizer="optimizers.Adam(optimizers.schedules.ExponentialDecay(0.01, 1000, 0.9))")
    assert config.schedule_options.value == (("factor", 0.9), ("period", 1000), ("unit", "step"))
    config = read(fit=", callbacks=[keras.callbacks.ReduceLROnPlateau(patience=3)]")
    assert (config.schedule.value, config.schedule_options.value) == ("plateau", (("factor", 0.1), ("period", 3)))


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ('layers.Dense(1024, activation="relu"), layers.Dropout(0.5),', (("dropout", 0.5), ("hidden", (1024,)))),
        ("layers.BatchNormalization(),", (("other", ("BatchNormalization",)),)),
        ("layers.GlobalAveragePooling2D(),", ()),
    ],
)
def test_the_head(read, layers, expected):
    assert read(head=layers).head_options.value == expected
