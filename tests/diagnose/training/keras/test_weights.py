"""Where weights come from: none only where all of the network is known to start at random."""

import pytest

BODY = """
import os, elsewhere
base = ResNet50(weights={weights}, include_top=False, pooling="avg")
model = keras.Sequential([base, layers.Dense(4)])
{load}
model.compile("adam", LOSS)
model.fit(folder, validation_data=held)
"""


@pytest.mark.parametrize(
    ("weights", "load", "true"),
    [
        ("None", "", "none"),
        ("'imagenet'", "", "imagenet"),
        ("'imagenet'", "base.load_weights('own.h5')", "own.h5"),
        ("None", "model.load_weights('own.h5')", "own.h5"),
        ("None", "base.load_weights('own.h5')", "own.h5"),
        ("None", "model.load_weights('own.h5', by_name=True)", None),
        ("None", "model.load_weights('own.h5', skip_mismatch=True)", None),
        ("None", "if os.path.exists('own.h5'):\n    model.load_weights('own.h5')", None),
        ("None", "model.set_weights(elsewhere.weights())", None),
        (
            "None",
            "for mine, other in zip(base.layers, ResNet50().layers):\n    mine.set_weights(other.get_weights())",
            None,
        ),
        ("None", "base.layers[3].load_weights('own.h5')", None),
        ("None", "elsewhere.surgery(model)", None),
        ("None", "elsewhere.surgery(base)", None),
        ("None", "tf.train.Checkpoint(model=model).restore('ckpt')", None),
        ("None", "model.optimizer = elsewhere.new()", "none"),
        ("elsewhere.choice()", "", None),
        ("None if os.path.exists('a') else 'imagenet'", "", None),
    ],
)
def test_a_network_of_the_library(known, weights, load, true):
    setting = known(BODY.format(weights=weights, load=load))["weights"]
    assert setting == true if true else setting.startswith("`weights` is not known")


OWN = [
    ("small()", "none"),
    ("small(layers.Dense(3, weights=[elsewhere.matrix()]))", None),
    ("small(elsewhere.Layer())", None),
    ("elsewhere.build()", None),
    ("keras.models.load_model('m.keras')", "m.keras"),
    ("keras.Sequential([hub.KerasLayer('https://hub/x'), layers.Dense(4)])", "https://hub/x"),
    ("Own()", "none"),
    ("keras.Sequential([ResNet50(weights=None), EfficientNetB0()])", None),
]


@pytest.mark.parametrize(("model", "true"), OWN, ids=[model for model, _ in OWN])
def test_a_network_of_the_program(known, model, true):
    setting = known(f"""
import elsewhere
import tensorflow_hub as hub
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = layers.Dense(4)
    def call(self, x):
        return self.out(x)
model = {model}
model.compile("adam", LOSS)
model.fit(folder, validation_data=held)
""")["weights"]
    assert setting == true if true else setting.startswith("`weights` is not known")


def test_weights_of_a_head_are_not_those_of_its_body(known):
    fields = known("""
base = ResNet50(include_top=False, pooling="avg")
top = keras.Sequential([layers.Dense(4)])
top.load_weights("top.h5")
model = keras.Model(base.input, top(base.output))
model.compile("adam", LOSS)
model.fit(folder)
""")
    assert fields["weights"] == "imagenet"
