"""Faults of Keras programs in several ways of writing them, and their healthy twins."""

import pytest
from corpus_reading import found_in

from diagnose.model import Severity

PROGRAM = """
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, Sequential, Model
from tensorflow.keras.applications import ResNet50, MobileNetV2, resnet50, mobilenet_v2, EfficientNetB0
from tensorflow.keras.preprocessing.image import ImageDataGenerator
tf.random.set_seed(0)
own = resnet50.preprocess_input
train_gen = ImageDataGenerator(preprocessing_function=own, horizontal_flip=True)
val_gen = ImageDataGenerator(preprocessing_function=own)
{generators}
train = train_gen.flow_from_directory("t", target_size=(224, 224), batch_size=32)
val = val_gen.flow_from_directory("v", target_size=(224, 224), batch_size=32)
{data}
base = ResNet50(include_top=False, weights="imagenet", pooling="avg", input_shape=(224, 224, 3))
{base}
model = Sequential([base, layers.Dropout(0.3), layers.Dense(6, activation="softmax")])
{model}
{compile}
{fit}
"""
HEALTHY = {
    "generators": "", "data": "", "base": "base.trainable = False", "model": "",
    "compile": 'model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="categorical_crossentropy", metrics=["accuracy"])',
    "fit": "model.fit(train, validation_data=val, epochs=10)",
}  # fmt: skip

FAULTY = [
    ("C306", {"base": 'base = ResNet50(include_top=False, weights=None, pooling="avg")\nbase.trainable = False  #!'}),
    ("C307", {"compile": 'model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))'}),
    ("C308", {"model": "model = Sequential([base, layers.Dense(6)])"}),
    ("C308", {"model": 'model = Sequential([base, layers.Dense(1, activation="softmax")])'}),
    ("C308", {"compile": 'model.compile("adam", loss="sparse_categorical_crossentropy")  #!'}),
    ("C308", {"compile": 'model.compile("adam", loss="binary_crossentropy")  #!'}),
    ("C312", {"data": 'train = train_gen.flow_from_directory("t", target_size=(224, 224), shuffle=False)  #!'}),
    ("C319", {"fit": "model.fit(train, epochs=10)  #!"}),
    ("C321", {"compile": 'model.compile(optimizer=keras.optimizers.Adam(lr=1e-3), loss="categorical_crossentropy")  #!'}),
    ("C321", {"fit": "model.fit_generator(train, validation_data=val, epochs=10)  #!"}),
    ("C325", {"model": "model.trainable = False  #!"}),
    ("C325", {"model": "for layer in model.layers:\n    layer.trainable = False  #!"}),
    ("N203", {"generators": "train_gen = ImageDataGenerator(rescale=1./255, horizontal_flip=True)  #!\nval_gen = ImageDataGenerator(rescale=1./255)"}),
    ("N203", {"generators": "train_gen = ImageDataGenerator(horizontal_flip=True)  #!\nval_gen = ImageDataGenerator()"}),
    ("N207", {"generators": "own = mobilenet_v2.preprocess_input\ntrain_gen = ImageDataGenerator(preprocessing_function=own)\nval_gen = ImageDataGenerator(preprocessing_function=own)"}),
    ("N208", {"generators": "val_gen = ImageDataGenerator(rescale=1./255)  #!"}),
    ("N209", {"generators": "val_gen = train_gen"}),
    ("N201", {"generators": "train_gen = ImageDataGenerator(horizontal_flip=True)  #!\nval_gen = ImageDataGenerator()",
              "base": "base = Sequential([layers.Input((224, 224, 3)), layers.Conv2D(8, 3), layers.GlobalAveragePooling2D()])"}),
    ("N202", {"generators": "train_gen = ImageDataGenerator(rescale=1./255, zoom_range=0.2)\nval_gen = ImageDataGenerator(rescale=1./255)",
              "base": 'base = EfficientNetB0(include_top=False, pooling="avg")\nbase.trainable = False'}),
]  # fmt: skip
FINE = [
    {},
    {"compile": 'model.compile("adam", keras.losses.CategoricalCrossentropy())'},
    {"model": "model = Sequential([base, layers.Dense(6)])", "compile": 'model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))'},
    {"model": 'x = layers.Dense(64, activation="relu")(base.output)\nmodel = Model(base.input, layers.Dense(6, activation="softmax")(x))'},
    {"model": "model = Sequential()\nmodel.add(base)\nmodel.add(layers.Dense(6))\nmodel.add(layers.Activation('softmax'))"},
    {"base": "for layer in base.layers:\n    layer.trainable = False"},
    {"base": "base.trainable = True\nfor layer in base.layers[:-20]:\n    layer.trainable = False"},
    {"generators": "train_gen = ImageDataGenerator(horizontal_flip=True)\nval_gen = ImageDataGenerator()",
     "base": 'base = EfficientNetB0(include_top=False, pooling="avg")\nbase.trainable = False'},
    {"generators": "own = mobilenet_v2.preprocess_input\ntrain_gen = ImageDataGenerator(preprocessing_function=own)\nval_gen = ImageDataGenerator(preprocessing_function=own)",
     "base": 'base = MobileNetV2(include_top=False, pooling="avg")\nbase.trainable = False'},
    {"data": 'train = keras.utils.image_dataset_from_directory("t", image_size=(224, 224), label_mode="categorical").map(lambda a, b: (own(a), b))\n'
             'val = keras.utils.image_dataset_from_directory("v", image_size=(224, 224), label_mode="categorical").map(lambda a, b: (own(a), b))'},
    {"fit": "model.fit(train, epochs=10, validation_data=val, callbacks=[keras.callbacks.EarlyStopping(patience=3)])"},
]  # fmt: skip


@pytest.mark.parametrize(("code", "changes"), FAULTY, ids=[f"{n}-{code}" for n, (code, _) in enumerate(FAULTY)])
def test_a_planted_fault_is_found_at_its_line(tmp_path, code, changes):
    found, marked = found_in(tmp_path, PROGRAM.format(**{**HEALTHY, **changes}))
    lines = [one.location.line for one in found if one.code == code]
    assert lines, [one.code for one in found]
    assert not marked or set(marked) & set(lines)


@pytest.mark.parametrize("changes", FINE, ids=range(len(FINE)))
def test_a_healthy_twin_is_silent(tmp_path, changes):
    found, _ = found_in(tmp_path, PROGRAM.format(**{**HEALTHY, **changes}))
    assert [(one.code, one.summary) for one in found if one.severity is not Severity.INFO] == []
