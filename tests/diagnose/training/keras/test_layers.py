"""The parts of a model: head, outputs, frozen layers, by any of the ways of writing one."""

import pytest

from diagnose.model import HeadFrozen

PROGRAM = """
import os, elsewhere
base = ResNet50(include_top=False, pooling="avg", input_shape=(96, 96, 3))
{model}
{frozen}
model.compile("adam", LOSS)
model.fit(folder, validation_data=held)
"""
STACKED = "model = keras.Sequential([base, layers.Dropout(0.2), layers.Dense(4, activation='softmax')])"


@pytest.mark.parametrize(
    ("frozen", "true"),
    [
        ("", ()),
        ("base.trainable = False", ("backbone",)),
        ("for layer in base.layers:\n    layer.trainable = False", ("backbone",)),
        ("model.trainable = False", ("all",)),
        ("for layer in base.layers[:-10]:\n    layer.trainable = False", None),
        ("if os.path.exists('x'):\n    base.trainable = False", None),
        ("base.trainable = elsewhere.flag()", None),
        ("elsewhere.freeze(base)", None),
        ("elsewhere.freeze(model)", None),
        ("print(model)\nmodel.summary()", ()),
    ],
)
def test_frozen_layers(known, frozen, true):
    setting = known(PROGRAM.format(model=STACKED, frozen=frozen))["frozen"]
    assert setting == true if true is not None else "`frozen` is not known" in setting


@pytest.mark.parametrize(
    ("model", "head", "activation"),
    [
        (STACKED, 4, "softmax"),
        ("model = keras.Model(base.input, layers.Dense(3)(base.output))", 3, "none"),
        ("model = keras.Sequential([base, layers.Dense(6), layers.Softmax()])", 6, "softmax"),
        ("model = keras.Sequential([base, layers.Dense(6), layers.Activation('sigmoid')])", 6, "sigmoid"),
        ("model = keras.Sequential([base, layers.Dense(2, activation=tf.nn.softmax)])", 2, "softmax"),
        ("model = keras.Sequential([base, layers.Dense(2, activation='linear')])", 2, "none"),
        ("model = keras.Sequential([base, layers.Dense(2, activation=elsewhere.squash)])", 2, None),
        ("model = keras.Sequential([base, elsewhere.Head()])", None, None),
        ("model = ResNet50(weights=None, classes=12)", 12, "softmax"),
        ("model = ResNet50(weights=None, classifier_activation=None)", 1000, "none"),
        ("model = ResNet50(include_top=False)", None, None),
        ("model = elsewhere.build()", None, None),
        ("x = keras.Input((9, 9, 3))\nmodel = keras.Model(x, tf.nn.softmax(layers.Dense(5)(base(x))))", 5, "softmax"),
    ],
)
def test_the_head(known, model, head, activation):
    fields = known(PROGRAM.format(model=model, frozen=""))
    for name, true in (("head", head), ("output_activation", activation)):
        assert (
            isinstance(fields[name], str) and "is not known" in fields[name] if true is None else fields[name] == true
        )


def test_a_model_of_the_program_s_own_class(known):
    fields = known("""
class Pooled(keras.Model):
    def __init__(self, kinds):
        inputs = keras.Input((96, 96, 3))
        super().__init__(inputs, layers.Dense(kinds)(layers.Conv2D(4, 3)(inputs)))
model = Pooled(6)
model.compile("adam", LOSS)
model.fit(folder)
""")
    assert (fields["model"], fields["head"]) == ("pooled", 6)


def test_several_networks_have_no_one_name(known):
    two = "model = keras.Sequential([base, EfficientNetB0()])"
    assert "resnet50, efficientnetb0" in known(PROGRAM.format(model=two, frozen=""))["model"]


@pytest.mark.parametrize(
    ("model", "line"),
    [
        (STACKED + "\nmodel.layers[-1].trainable = True", None),
        ("model = keras.Sequential([base, layers.Dense(4, trainable=False)])", 14),
        ("head = layers.Dense(4)\nmodel = keras.Sequential([base, head])\nhead.trainable = False", 16),
        (
            STACKED + "\nmodel.trainable = False\nmodel.trainable = True",
            None,
        ),
    ],
)
def test_a_head_that_does_not_train(read, model, line):
    seen = read(PROGRAM.format(model=model, frozen="")).program.facts(HeadFrozen)
    assert [one.location.line for one in seen] == ([line] if line else [])
