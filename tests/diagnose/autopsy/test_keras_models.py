import json
import os
import sys
import zipfile

import numpy as np
import pytest
import torch

from diagnose.autopsy import keras_models
from diagnose.autopsy.reading import read
from diagnose.autopsy.unreadable import Unreadable

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras on TensorFlow


@pytest.fixture(scope="module")
def keras():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    return pytest.importorskip("keras")


def network(keras, *layers):
    return keras.Sequential([
        keras.layers.Input((8, 8, 3)),
        *layers,
        keras.layers.Conv2D(4, 3, name="conv"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(3, name="scores"),
    ])  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ["best.keras", "best.h5"])
def test_a_model_of_keras_answers_as_keras_does(keras, tmp_path, name):
    model = network(keras)
    model.save(tmp_path / name)
    found = read(tmp_path / name)
    images = np.random.default_rng(0).random((5, 8, 8, 3), np.float32)
    given = found.model.eval()(torch.from_numpy(images).permute(0, 3, 1, 2))
    assert np.allclose(given.detach().cpu().numpy(), np.array(keras.ops.convert_to_numpy(model(images))), atol=1e-5)
    assert (found.model.side, found.model.channels, found.model.outputs) == (8, 3, 3)
    assert not found.model.scales
    assert any(key.endswith("norm.running_mean") for key in found.state)


@pytest.mark.slow
def test_layers_that_scale_are_seen(keras, tmp_path):
    network(keras, keras.layers.Rescaling(1 / 255)).save(tmp_path / "best.keras")
    assert read(tmp_path / "best.keras").model.scales


@pytest.mark.slow
def test_weights_alone_are_refused(keras, tmp_path):
    network(keras).save_weights(tmp_path / "best.weights.h5")
    with pytest.raises(Unreadable, match="weights alone"):
        read(tmp_path / "best.weights.h5")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["best.keras", "best.h5"])
def test_a_layer_that_holds_code_is_refused(keras, tmp_path, name):
    network(keras, keras.layers.Lambda(lambda image: image * 2)).save(tmp_path / name)
    with pytest.raises(Unreadable, match="Lambda"):
        read(tmp_path / name)


def test_another_module_is_refused_before_keras_reads_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", object())
    config = {"class_name": "Sequential", "config": {"layers": [{"class_name": "run", "module": "subprocess"}]}}
    with zipfile.ZipFile(tmp_path / "best.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    with pytest.raises(Unreadable, match="run"):
        keras_models.load(tmp_path / "best.keras")


def test_a_file_that_is_none_of_keras_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", object())
    (tmp_path / "best.h5").write_bytes(b"nothing")
    with pytest.raises(Unreadable, match=r"can't be read|h5py"):
        keras_models.load(tmp_path / "best.h5")
