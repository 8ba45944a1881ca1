"""Reads small Keras programs."""

import pytest

from diagnose.config.read import read_configuration

HEAD = """
import keras, cv2, numpy as np, tensorflow as tf
from keras import layers, ops
from keras.applications import ResNet50, EfficientNetB0, resnet50, mobilenet_v2
from keras.preprocessing.image import ImageDataGenerator
folder = keras.utils.image_dataset_from_directory("train", image_size=(96, 96))
held = keras.utils.image_dataset_from_directory("held", image_size=(96, 96))
def small(*first):
    return keras.Sequential([*first, layers.Conv2D(8, 3), layers.GlobalAveragePooling2D(), layers.Dense(4)])
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
"""


@pytest.fixture
def read(tmp_path):
    """A program as read; `head` are the imports and a folder of images before it."""

    def reading(text, head=HEAD):
        path = tmp_path / "train.py"
        path.write_text(head + text)
        return read_configuration(str(path))

    return reading


@pytest.fixture
def known(read):
    """The known fields of a program by name, and the reasons of the others."""

    def fields(text, head=HEAD):
        return {n: s.value if s.known else s.why for n, s in read(text, head).config.settings()}

    return fields


@pytest.fixture
def fitted(known):
    """The known fields of a training of a small network on `data`."""

    def fields(data, before="", model="small()"):
        program = f"{before}\nmodel = {model}\nmodel.compile('adam', LOSS)\nmodel.fit({data}, epochs=2)\n"
        return known(program)

    return fields
