"""Keras networks whose layers are in the wrong mode, and their healthy twins."""

import pytest

from diagnose.model import KerasMode, OldFrozenNorm

HEAD = """import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
"""
OWN_NORM = """class Norm(layers.BatchNormalization):
    def __init__(self, freeze=False, **more):
        super().__init__(**more)
        self.freeze = freeze
    def call(self, x, training=None):
        return super().call(x, training={})
i = keras.Input((32, 32, 3))
x = Norm()(layers.Conv2D(8, 3)(i))
m = keras.Model(i, layers.Dense(3, activation="softmax")(layers.Flatten()(x)))
m.compile("adam", "sparse_categorical_crossentropy")
tr = keras.utils.image_dataset_from_directory("d", image_size=(32, 32))
va = keras.utils.image_dataset_from_directory("v", image_size=(32, 32))
m.fit(tr, validation_data=va, epochs=3)
"""
WRONG = {
    "own norm": OWN_NORM.format("True"),
    "own norm by an option": OWN_NORM.format("not self.freeze"),
    "tape notrain": """(x, y), (xt, yt) = keras.datasets.mnist.load_data()
ds = tf.data.Dataset.from_tensor_slices((x[..., None] / 255., y)).shuffle(1000).batch(32)
vs = tf.data.Dataset.from_tensor_slices((xt[..., None] / 255., yt)).batch(32)
m = keras.Sequential([layers.Conv2D(8, 3), layers.BatchNormalization(), layers.ReLU(), 
    layers.Flatten(), layers.Dropout(.5), layers.Dense(10)])
lf = keras.losses.SparseCategoricalCrossentropy(from_logits=True); opt = keras.optimizers.Adam()
for e in range(3):
    for a, b in ds:
        with tf.GradientTape() as t:
            l = lf(b, m(a))
        g = t.gradient(l, m.trainable_variables)
        opt.apply_gradients(zip(g, m.trainable_variables))
    for a, b in vs:
        m(a, training=True)
""",
    "always": """base = keras.applications.ResNet50(include_top=False)
i = keras.Input((224, 224, 3))
x = keras.applications.resnet50.preprocess_input(i)
x = base(x, training=True)
x = layers.GlobalAveragePooling2D()(x)
m = keras.Model(i, layers.Dense(3, activation="softmax")(x))
m.compile("adam", "sparse_categorical_crossentropy")
tr = keras.utils.image_dataset_from_directory("d", image_size=(224, 224))
va = keras.utils.image_dataset_from_directory("v", image_size=(224, 224))
m.fit(tr, validation_data=va, epochs=3)
""",
    "subclass": """class N(keras.Model):
    def __init__(self):
        super().__init__()
        self.b = keras.applications.ResNet50(include_top=False, pooling="avg")
        self.d = layers.Dense(3)
    def call(self, x):
        x = keras.applications.resnet50.preprocess_input(x)
        x = self.b(x, training=True)
        return self.d(x)
m = N()
m.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
tr = keras.utils.image_dataset_from_directory("d", image_size=(224, 224))
va = keras.utils.image_dataset_from_directory("v", image_size=(224, 224))
m.fit(tr, validation_data=va, epochs=3)
""",
}
RIGHT = {
    "own norm passes on": OWN_NORM.format("training"),
    "own norm can stay off": OWN_NORM.format("False"),
    "a loop that tells the mode": """
ds = keras.utils.image_dataset_from_directory("d")
m = keras.Sequential([layers.Conv2D(8, 3), layers.BatchNormalization(), layers.Flatten(), layers.Dense(10)])
lf = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
opt = keras.optimizers.Adam()
for x, y in ds:
    with tf.GradientTape() as t:
        loss = lf(y, m(x, training=True))
    opt.apply_gradients(zip(t.gradient(loss, m.trainable_variables), m.trainable_variables))
for x, y in keras.utils.image_dataset_from_directory("v"):
    m(x, training=False)
""",
    "frozen always": """base = keras.applications.ResNet50(include_top=False)
base.trainable = False
i = keras.Input((224, 224, 3))
x = keras.applications.resnet50.preprocess_input(i)
x = base(x, training=True)
x = layers.GlobalAveragePooling2D()(x)
m = keras.Model(i, layers.Dense(3, activation="softmax")(x))
m.compile("adam", "sparse_categorical_crossentropy")
tr = keras.utils.image_dataset_from_directory("d", image_size=(224, 224))
va = keras.utils.image_dataset_from_directory("v", image_size=(224, 224))
m.fit(tr, validation_data=va, epochs=3)
""",
    "inference": """base = keras.applications.ResNet50(include_top=False)
i = keras.Input((224, 224, 3))
x = keras.applications.resnet50.preprocess_input(i)
x = base(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.5)(x, training=True)
m = keras.Model(i, layers.Dense(3, activation="softmax")(x))
m.compile("adam", "sparse_categorical_crossentropy")
tr = keras.utils.image_dataset_from_directory("d", image_size=(224, 224))
va = keras.utils.image_dataset_from_directory("v", image_size=(224, 224))
m.fit(tr, validation_data=va, epochs=3)
""",
    "subclass": """class N(keras.Model):
    def __init__(self):
        super().__init__()
        self.b = keras.applications.ResNet50(include_top=False, pooling="avg")
        self.bn = layers.BatchNormalization()
        self.d = layers.Dense(3)
    def call(self, x, training=False):
        x = keras.applications.resnet50.preprocess_input(x)
        x = self.b(x, training=training)
        return self.d(self.bn(x, training=training))
m = N()
m.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
tr = keras.utils.image_dataset_from_directory("d", image_size=(224, 224))
va = keras.utils.image_dataset_from_directory("v", image_size=(224, 224))
m.fit(tr, validation_data=va, epochs=3)
""",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_wrong_mode_is_seen_at_its_call(read, text):
    found = read(text, HEAD).program.facts(KerasMode)
    lines = [(HEAD + text).splitlines()[one.location.line - 1] for one in found]
    assert found
    assert all("training=" in line if one.training else "m(a)" in line for one, line in zip(found, lines, strict=True))


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_a_right_mode_is_left_alone(read, text):
    assert read(text, HEAD).program.facts(KerasMode) == ()


OLD = """from keras.applications.{base}
from keras.layers import Dense, GlobalAveragePooling2D
from keras.models import Model
from keras.optimizers import Adam
from keras.preprocessing.image import ImageDataGenerator
flow = ImageDataGenerator(rescale=1 / 255).flow_from_directory("d")
held = ImageDataGenerator(rescale=1 / 255).flow_from_directory("v")
for layer in base.layers:
    layer.trainable = {trains}
m = Model(base.input, Dense(3, activation="softmax")(GlobalAveragePooling2D()(base.output)))
m.compile(Adam(lr=1e-4), "categorical_crossentropy")
m.fit_generator(flow, epochs=3, validation_data=held)
"""
RESNET = "resnet50 import ResNet50\nbase = ResNet50(include_top=False)"
VGG = "vgg16 import VGG16\nbase = VGG16(include_top=False)"


@pytest.mark.parametrize(
    ("base", "trains", "more", "lines"),
    [
        (RESNET, "False", "", [10]),
        (RESNET, "True", "", []),
        (VGG, "False", "", []),
        (RESNET, "False", "import tensorflow as tf\ntf.config.list_physical_devices()\n", []),
    ],
)
def test_frozen_batch_norm_of_old_keras(read, base, trains, more, lines):
    facts = read(OLD.format(base=base, trains=trains) + more, "").program.facts(OldFrozenNorm)
    assert [one.location.line for one in facts] == lines
