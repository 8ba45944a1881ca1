"""Torch DataLoaders that a Keras model trains on."""

import pytest

from diagnose.model import KerasLoss

HEAD = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras, torch
from keras import layers
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets, transforms as T
model = keras.Sequential([layers.Conv2D(8, 3), layers.GlobalAveragePooling2D(), layers.Dense(4)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
(x, y), _ = keras.datasets.cifar10.load_data()
"""
FOLDER = "datasets.ImageFolder('t', T.Compose([T.Resize((64, 64)), T.RandomHorizontalFlip(), T.ToTensor()]))"


@pytest.mark.parametrize(
    "loader", [f"DataLoader({FOLDER}, batch_size=16, shuffle=True)", f"DataLoader({FOLDER}, 16, True)"]
)
def test_the_transforms_of_its_dataset_count(read, loader):
    reading = read(f"model.fit({loader}, epochs=2)", HEAD)
    settings = {name: one.value for name, one in reading.config.settings() if one.known}
    assert (settings["batch_size"], settings["shuffle"], settings["input_size"]) == (16, True, 64)
    assert (settings["scaling"], settings["train_augmentations"]) == (("1/255",), ("random_horizontal_flip",))
    assert reading.program.facts(KerasLoss)[0].labels == "int"


def test_a_folder_that_is_not_shuffled_lies_class_by_class(read):
    reading = read(f"model.fit(DataLoader({FOLDER}), epochs=2)", HEAD)
    assert (reading.config.shuffle.value, reading.config.batch_size.value) == (False, 1)
    assert reading.program.class_by_class


def test_arrays_in_a_tensor_dataset_are_followed(known):
    data = "TensorDataset(torch.from_numpy(x / 255.0), torch.tensor(y))"
    settings = known(f"model.fit(DataLoader({data}, batch_size=8, shuffle=True), epochs=2)", HEAD)
    assert (settings["scaling"], settings["batch_size"], settings["input_size"]) == (("1/255",), 8, 32)


def test_a_dataset_that_is_not_known_is_a_doubt(known):
    settings = known(
        "import elsewhere\nmodel.fit(DataLoader(elsewhere.Images(), sampler=elsewhere.sampler()), epochs=2)", HEAD
    )
    assert "is not known" in settings["scaling"]
    assert "sampler" in settings["shuffle"]
