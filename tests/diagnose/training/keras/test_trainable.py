"""Layers that are frozen or unfrozen after compile(), and their healthy twins."""

import pytest

from diagnose.model import TrainableAfterCompile

HEAD = """import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
"""
LATE = {
    "by batches": """base = keras.applications.ResNet50(include_top=False, pooling="avg")
base.trainable = False
m = keras.Sequential([base, layers.Dense(4, activation="softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
def epoch():
    for x, y in tr:
        m.train_on_batch(x, y)
    m.evaluate(va)
for e in range(3):
    epoch()
base.trainable = True
for e in range(9):
    epoch()
""",
    "fine": """base = keras.applications.ResNet50(include_top=False, pooling="avg")
base.trainable = False
m = keras.Sequential([base, layers.Dense(4, activation="softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
m.fit(tr, validation_data=va, epochs=3)
for l in base.layers[-30:]:
    l.trainable = True
m.fit(tr, validation_data=va, epochs=3)
""",
    "freeze late": """base = keras.applications.VGG16(include_top=False)
m = keras.Sequential([base, layers.Flatten(), layers.Dense(4, activation="softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
for layer in base.layers:
    layer.trainable = False
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
m.fit(tr, validation_data=va, epochs=3)
""",
    "func": """class Net:
    def __init__(self):
        self.base = keras.applications.EfficientNetB0(include_top=False, pooling="avg")
        self.base.trainable = False
        self.model = keras.Sequential([self.base, layers.Dense(4, activation="softmax")])
    def compile(self):
        self.model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    def unfreeze(self):
        self.base.trainable = True
    def train(self, tr, va, epochs):
        return self.model.fit(tr, validation_data=va, epochs=epochs)
n = Net()
n.compile()
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
n.train(tr, va, 3)
n.unfreeze()
n.train(tr, va, 5)
""",
    "getlayer": """m = keras.Sequential([keras.applications.VGG16(include_top=False),
    layers.Flatten(), layers.Dense(4, activation="softmax")])
m.layers[0].trainable = False
m.compile("adam", "sparse_categorical_crossentropy")
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
m.fit(tr, validation_data=va, epochs=3)
m.layers[0].trainable = True
m.fit(tr, validation_data=va, epochs=3)
""",
}
IN_TIME = {
    "by batches": """base = keras.applications.ResNet50(include_top=False, pooling="avg")
base.trainable = False
m = keras.Sequential([base, layers.Dense(4, activation="softmax")])
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
def train(epochs):
    m.compile("adam", "sparse_categorical_crossentropy")
    for e in range(epochs):
        for x, y in tr:
            m.train_on_batch(x, y)
        m.evaluate(va)
train(3)
base.trainable = True
train(9)
""",
    "recompiled": """base = keras.applications.ResNet50(include_top=False, pooling="avg")
base.trainable = False
m = keras.Sequential([base, layers.Dense(4, activation="softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
m.fit(tr, validation_data=va, epochs=3)
base.trainable = True
m.compile(keras.optimizers.Adam(1e-5), "sparse_categorical_crossentropy")
m.fit(tr, validation_data=va, epochs=3)
""",
    "helper": """def build():
    base = keras.applications.ResNet50(include_top=False, pooling="avg")
    base.trainable = False
    m = keras.Sequential([base, layers.Dense(4, activation="softmax")])
    return m, base
def comp(m, lr):
    m.compile(keras.optimizers.Adam(lr), "sparse_categorical_crossentropy")
m, base = build()
comp(m, 1e-3)
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
m.fit(tr, validation_data=va, epochs=3)
base.trainable = True
for l in base.layers[:100]: l.trainable = False
comp(m, 1e-5)
m.fit(tr, validation_data=va, epochs=3)
""",
    "same": """base = keras.applications.ResNet50(include_top=False, pooling="avg")
base.trainable = False
m = keras.Sequential([base, layers.Dense(4, activation="softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
base.trainable = False
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
m.fit(tr, validation_data=va, epochs=3)
m.trainable = False
m.save("x.keras")
""",
    "gan like loop": """base = keras.applications.ResNet50(include_top=False, pooling="avg")
base.trainable = False
m = keras.Sequential([base, layers.Dense(4, activation="softmax")])
opt = keras.optimizers.Adam(1e-3)
lf = keras.losses.SparseCategoricalCrossentropy()
tr = keras.utils.image_dataset_from_directory("d")
va = keras.utils.image_dataset_from_directory("v")
def run(epochs):
    for e in range(epochs):
        for x, y in tr:
            with tf.GradientTape() as t:
                l = lf(y, m(x, training=True))
            opt.apply_gradients(zip(t.gradient(l, m.trainable_variables), m.trainable_variables))
        for x, y in va:
            m(x, training=False)
run(3)
base.trainable = True
run(4)
""",
}


@pytest.mark.parametrize("text", LATE.values(), ids=LATE)
def test_a_change_after_compile_is_seen_where_it_is_set(read, text):
    (found,) = read(text, HEAD).program.facts(TrainableAfterCompile)
    assert ".trainable =" in (HEAD + text).splitlines()[found.location.line - 1]
    assert found.fitted is (found.value is True)


@pytest.mark.parametrize("text", IN_TIME.values(), ids=IN_TIME)
def test_a_change_in_time_or_without_effect_is_left_alone(read, text):
    assert read(text, HEAD).program.facts(TrainableAfterCompile) == ()
