"""Optimizer, learning rate, loss and schedule, and when they are not known."""

import pytest

PROGRAM = """
import os, elsewhere
import tensorflow_addons as tfa
class Own(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate.assign(0.5)
class Quiet(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(logs)
class Warm(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1
def own_loss(truth, guess):
    return elsewhere.loss(truth, guess)
model = small()
{compile}
{after}
model.fit(folder, epochs=2, validation_data=held{callbacks})
"""


def fields_of(known, compile, after="", callbacks=""):
    more = f", callbacks=[{callbacks}]" if callbacks else ""
    return known(PROGRAM.format(compile=f"model.compile({compile})", after=after, callbacks=more))


@pytest.mark.parametrize(
    ("given", "optimizer", "rate", "decay"),
    [
        ("loss=LOSS", "rmsprop", 0.001, 0.0),
        ("'sgd', LOSS", "sgd", 0.01, 0.0),
        ("keras.optimizers.AdamW(1e-4), LOSS", "adamw", 1e-4, 0.004),
        ("tfa.optimizers.AdamW(0.01, 1e-4), LOSS", "adamw", 1e-4, 0.01),
        ("tfa.optimizers.LAMB(), LOSS", "lamb", None, None),
        ("keras.optimizers.get('adam'), LOSS", "adam", 0.001, 0.0),
        ("keras.mixed_precision.LossScaleOptimizer(keras.optimizers.Adam(0.2)), LOSS", "adam", 0.2, 0.0),
        ("elsewhere.optimizer(), LOSS", None, None, None),
        ("keras.optimizers.Adam(elsewhere.rate()), LOSS", "adam", None, 0.0),
        ("keras.optimizers.Adam(Warm()), LOSS", "adam", None, 0.0),
    ],
)
def test_the_optimizer(known, given, optimizer, rate, decay):
    fields = fields_of(known, given)
    for name, true in (("optimizer", optimizer), ("learning_rate", rate), ("weight_decay", decay)):
        assert (
            isinstance(fields[name], str) and " is not known" in fields[name] if true is None else fields[name] == true
        )


@pytest.mark.parametrize(
    ("optimizer", "callbacks", "schedule"),
    [
        ("'adam'", "", "constant"),
        ("'adam'", "Quiet(), keras.callbacks.EarlyStopping()", "constant"),
        ("'adam'", "keras.callbacks.ReduceLROnPlateau()", "plateau"),
        ("'adam'", "keras.callbacks.LearningRateScheduler(lambda e: 0.1)", "manual"),
        ("'adam'", "Own()", None),
        ("'adam'", "keras.callbacks.LambdaCallback(on_epoch_end=own_loss)", None),
        ("'adam'", "elsewhere.Callback()", None),
        ("'adam'", "*elsewhere.callbacks()", None),
        ("keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 100))", "", "cosine"),
        ("keras.optimizers.SGD(keras.optimizers.schedules.PiecewiseConstantDecay([5], [0.1, 0.01]))", "", "step"),
        ("keras.optimizers.SGD(0.1, decay=1e-4)", "", "inverse_time"),
        ("keras.optimizers.Adam(Warm())", "", None),
    ],
)
def test_the_schedule(known, optimizer, callbacks, schedule):
    setting = fields_of(known, f"{optimizer}, LOSS", callbacks=callbacks)["schedule"]
    assert setting == schedule if schedule else "`schedule` is not known" in setting


@pytest.mark.parametrize(
    ("after", "rate"),
    [
        ("model.optimizer.learning_rate = 0.3", 0.3),
        ("model.optimizer.learning_rate.assign(0.4)", 0.4),
        ("keras.backend.set_value(model.optimizer.lr, 0.2)", 0.2),
        ("if os.path.exists('x'):\n    model.optimizer.learning_rate = 0.3", None),
    ],
)
def test_a_rate_that_is_set_after_compile(known, after, rate):
    setting = fields_of(known, "'adam', LOSS", after)["learning_rate"]
    assert setting == rate if rate else "may be set" in setting


def test_a_compile_under_a_condition(known):
    again = "if os.path.exists('x'):\n    model.compile(keras.optimizers.Adam(0.5), LOSS)"
    fields = fields_of(known, "'adam', LOSS", again)
    assert "0.5 (line 28) or 0.001 (line 26)" in fields["learning_rate"]
    assert fields["optimizer"] == "adam"


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("'mse'", "mean_squared_error"),
        ("keras.losses.CategoricalCrossentropy()", "categorical_crossentropy"),
        ("keras.losses.get('kld')", "kl_divergence"),
        ("['mse', 'mse']", "mean_squared_error"),
        ("own_loss", None),
        ("elsewhere.loss", None),
    ],
)
def test_the_loss(known, loss, name):
    setting = fields_of(known, f"'adam', loss={loss}")["loss"]
    assert setting == name if name else "`loss` is not known" in setting


def test_without_compile_nothing_is_known_of_it(known):
    fields = known("model = keras.models.load_model('m.keras')\nmodel.fit(folder, epochs=2)\n")
    assert "no compile() of the model" in fields["optimizer"]
