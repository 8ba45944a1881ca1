"""Programs of the libraries themselves, really run; each skips itself where its library is absent."""

import importlib.util
import threading
from pathlib import Path

import pytest

from diagnose.running.child import Asked, run

pytestmark = pytest.mark.slow

KERAS = """\
import os
os.environ.setdefault("KERAS_BACKEND", "{backend}")
import keras
import numpy as np
x, y = np.random.rand(96, 16, 16, 3).astype("float32"), np.arange(96) % 3
base = keras.Sequential([keras.layers.Input((16, 16, 3)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(),
                         keras.layers.GlobalAveragePooling2D()])
model = keras.Sequential([base, keras.layers.Dropout(0.2), keras.layers.Dense(3, activation="softmax")])
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:64], y[:64], batch_size=8, epochs=2, validation_data=(x[64:], y[64:]),
          callbacks=[keras.callbacks.EarlyStopping(monitor="val_f1", mode="max")], verbose=0)
base.trainable = False
model.fit(x[:64], y[:64], batch_size=8, epochs=2, validation_data=(x[64:], y[64:]), verbose=0)
"""

LIGHTNING = """\
import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
x, y = torch.rand(96, 3, 16, 16), torch.arange(96) % 3

class Lit(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(784, 3))
    def training_step(self, batch, n):
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])
    def validation_step(self, batch, n):
        self.log("val_loss", nn.functional.cross_entropy(self.net(batch[0]), batch[1]))
    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-3)

trainer = L.Trainer(max_epochs=3, logger=False, enable_checkpointing=False, accelerator="cpu",
                    callbacks=[L.pytorch.callbacks.EarlyStopping("val_loss")])
train = DataLoader(TensorDataset(x[:64], y[:64]), 8, shuffle=True)
trainer.fit(Lit(), train, DataLoader(TensorDataset(x[64:], y[64:]), 8))
"""


@pytest.fixture
def ran(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def ran(text):
        (tmp_path / "train.py").write_text(text)
        *_, last = run(Asked(Path("train.py"), (), "train.py", 120.0), threading.Event())
        return last

    return ran


@pytest.mark.parametrize(("backend", "module"), [("tensorflow", "tensorflow"), ("torch", "torch")])
def test_keras_is_seen_with_either_backend(ran, backend, module):
    if importlib.util.find_spec("keras") is None or importlib.util.find_spec(module) is None:
        pytest.skip("keras or its backend is absent")
    seen = ran(KERAS.replace("{backend}", backend))
    assert (seen.framework, seen.ended) == ("keras", "finished"), seen.why
    assert (seen.network.outputs, seen.network.outputs_are, seen.training.batch_size) == (3, "probabilities", 8)
    assert (seen.optimizers[0].name, seen.training.label_kind) == ("Adam", "integers")
    assert dict(seen.modes.held_out).keys() == {False}
    assert {one.kind for one in seen.mistakes} == {"monitor missing", "trainable after compile"}


def test_lightning_goes_through_training_validation_and_callbacks(ran):
    if importlib.util.find_spec("lightning") is None:
        pytest.skip("lightning is absent")
    seen = ran(LIGHTNING)
    assert seen.ended in ("finished", "enough")
    assert (seen.network.wrapper, seen.network.name, seen.optimizers[0].name) == ("", "Sequential", "AdamW")
    assert seen.epochs >= 3
    assert seen.validated
    assert seen.training.order == "shuffled"
