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

COSINE_OF_EPOCHS = """\
import keras
import numpy as np
x, y = np.random.rand(96, 16, 16, 3).astype("float32"), np.arange(96) % 3
model = keras.Sequential([keras.layers.Input((16, 16, 3)), keras.layers.Flatten(), keras.layers.Dense(3)])
schedule = keras.optimizers.schedules.CosineDecay(1e-2, decay_steps=20)
model.compile(keras.optimizers.SGD(schedule), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x, y, batch_size=8, epochs=20, verbose=0)
"""

DIVIDED_TWICE = """\
import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
accelerator = Accelerator(cpu=True, gradient_accumulation_steps=4)
data = DataLoader(TensorDataset(torch.rand(96, 3, 16, 16), torch.arange(96) % 3), 4, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(768, 3))
model, optimizer, data = accelerator.prepare(model, torch.optim.SGD(model.parameters(), lr=0.1), data)
for epoch in range(3):
    for images, labels in data:
        with accelerator.accumulate(model):
            loss = nn.functional.cross_entropy(model(images), labels)
            accelerator.backward(DIVIDED)
            optimizer.step()
            optimizer.zero_grad()
"""

FINE_TUNED = """\
import torch
from transformers import AutoConfig, AutoModelForImageClassification, ViTConfig, ViTForImageClassification
sizes = dict(num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, image_size=16, patch_size=8)
small = ViTConfig(hidden_size=16, **sizes)
small.num_labels = 3
ViTForImageClassification(small).save_pretrained("small")
model = MADE
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
for step in range(8):
    loss = model(pixel_values=torch.rand(8, 3, 16, 16), labels=torch.arange(8) % 3).loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
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


def test_a_schedule_of_keras_that_counts_batches_is_looked_at_to_the_end_of_the_training(ran):
    pytest.importorskip("tensorflow", reason="TensorFlow is absent")
    seen = ran(COSINE_OF_EPOCHS)
    (schedule,) = seen.schedules
    assert (seen.planned, schedule.name, schedule.per) == (20, "CosineDecay", "batch")
    assert 1.0 < schedule.gone < 2.0  # 20 batches, of 12 in an epoch


@pytest.mark.parametrize(("divided", "kinds"), [("loss", set()), ("loss / 4", {"accumulation divided twice"})])
def test_a_loss_that_accelerate_and_the_program_divide_is_a_mistake(ran, divided, kinds):
    if importlib.util.find_spec("accelerate") is None:
        pytest.skip("accelerate is absent")
    seen = ran(DIVIDED_TWICE.replace("DIVIDED", divided))
    assert {one.kind for one in seen.mistakes} == kinds
    assert seen.optimizers[0].passes == 4


@pytest.mark.parametrize(
    ("made", "unread"),
    [
        ('AutoModelForImageClassification.from_pretrained("small")', ""),
        ('AutoModelForImageClassification.from_config(AutoConfig.from_pretrained("small"))', "small"),
    ],
)
def test_weights_of_hugging_face_arrive_or_lie_unread(ran, made, unread):
    if importlib.util.find_spec("transformers") is None:
        pytest.skip("transformers is absent")
    seen = ran(FINE_TUNED.replace("MADE", made))
    assert seen.ended == "finished", seen.why
    assert [one.unread for one in seen.arrivals] == [unread]
    assert seen.network.pretrained == (0.0 if unread else 1.0)
