"""An optimizer is known everywhere or nowhere: readers, schema, bands, probes and forecast."""

import pytest
from builders import config
from tiny_networks import TINY

from diagnose.catalogue import optimizers
from diagnose.config.file import read_config
from diagnose.config.read import read_configuration
from diagnose.model import batch_scale, fine_tuning_rate, optimizer_label, possible_band, usual_band
from diagnose.probing.lr_range import grid
from diagnose.probing.memory import peak_bytes
from diagnose.probing.recipe import Recipe, configured_recipe
from diagnose.probing.weights import build

EVERY = pytest.mark.parametrize("entry", optimizers.OPTIMIZERS, ids=lambda one: one.name)
TORCH = """
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms
from optim import {made}
model = models.resnet50(weights=None)
loader = DataLoader(datasets.ImageFolder("t", transforms.ToTensor()), batch_size=32, shuffle=True)
optimizer = {made}(model.parameters(), lr=0.003)
for epoch in range(5):
    for x, y in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""
KERAS = """
from tensorflow import keras
model = keras.Sequential([keras.applications.ResNet50(include_top=False, pooling="avg"), keras.layers.Dense(5)])
model.compile(keras.optimizers.{made}(), "categorical_crossentropy")
model.fit(x, y)
"""


@EVERY
def test_a_program_in_torch_is_read(entry, tmp_path):
    made = next(name for name in entry.names if name in optimizers.CLASSES) if entry.name != "radamw" else None
    if made is None or entry.wraps:  # a word of timm's alone; it holds another
        return
    (tmp_path / "train.py").write_text(TORCH.format(made=made.replace("-", "")))
    parsed = read_configuration(str(tmp_path / "train.py")).config
    assert (parsed.optimizer.value, parsed.learning_rate.value) == (entry.name, 0.003)


@pytest.mark.parametrize("entry", [one for one in optimizers.OPTIMIZERS if one.keras], ids=lambda one: one.name)
def test_a_program_in_keras_is_read_with_keras_defaults(entry, tmp_path):
    made = "Nadam" if entry.name == "nadam" else entry.names[0]
    (tmp_path / "train.py").write_text(KERAS.format(made=made))
    parsed = read_configuration(str(tmp_path / "train.py")).config
    assert (parsed.optimizer.value, parsed.learning_rate.value) == (entry.name, entry.keras.rate)
    assert parsed.weight_decay.value == entry.keras.decay
    assert parsed.optimizer_options.value == tuple(sorted(entry.keras.own))


@EVERY
def test_a_configuration_file_takes_every_name_of_it(entry, tmp_path):
    for name in (entry.name, *entry.names):
        (tmp_path / "a.yaml").write_text(f"optimizer: {name}\n")
        assert read_config(tmp_path / "a.yaml").optimizer.value == entry.name


@EVERY
def test_its_learning_rates_are_judged_by_its_own_band(entry):
    low, high = usual_band(entry.name, 256)
    slowest, fastest = possible_band(entry.name, 256)
    assert (low, high) == entry.band
    assert slowest < low <= entry.start <= high < fastest
    assert low <= fine_tuning_rate(entry.name, 256) <= high
    assert batch_scale(entry.name, 64, 256) == 0.25**entry.family.power
    assert optimizer_label(entry.name) == entry.display
    assert grid(entry.name, 5)[-1] == pytest.approx(entry.highest)
    assert entry.source


@EVERY
def test_the_probes_train_with_it_or_say_why_not(entry):
    recipe, _ = configured_recipe(config(optimizer=entry.name, learning_rate=entry.start, loss="cross_entropy"))
    assert recipe.optimizer == entry.name
    assert bool(recipe.why_not) is bool(entry.unsupported)
    assert entry.display in recipe.why_not or not entry.unsupported


@pytest.mark.parametrize("name", ["sgd", "adagrad", "adamw", "lamb"])
def test_the_forecast_knows_what_it_keeps(name):
    parameters = sum(parameter.nbytes for parameter in build(TINY, 2, None, 0).parameters())
    with_states = peak_bytes(TINY, Recipe(name), 2, 32, 64)  # so many images that the peak is in the backward pass
    without = peak_bytes(TINY, Recipe("sgd", momentum=0.0), 2, 32, 64)
    assert with_states - without == pytest.approx(optimizers.find(name).states * parameters, abs=0.02 * parameters)


def test_nadam_is_judged_as_adam_is():
    assert usual_band("nadam", 32) == usual_band("adam", 32)
    assert fine_tuning_rate("nadam", 32) == 1e-3


def test_an_optimizer_that_nobody_knows_is_judged_by_the_widest():
    assert usual_band("my_own", 256) == usual_band(None, 256) == (1e-5, 0.1)
    assert possible_band("my_own", 256)[1] == possible_band("sgd", 256)[1]
    assert optimizer_label("my_own") == "my_own"
    assert optimizer_label(None) == "any optimizer"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("adamw_torch_fused", "adamw"), ("AdamW8bit", "adamw"), ("paged_lion_8bit", "lion"), ("RMSpropTF", "rmsprop"),
        ("nesterov", "sgd"), ("Nadam", "nadam"), ("FusedLAMB", "lamb"), ("L-BFGS", "lbfgs"), ("mine", "mine"),
    ],
)  # fmt: skip
def test_names_of_libraries_are_one(word, name):
    assert optimizers.canonical(word) == name


def test_timm_gives_no_decay_and_a_momentum():
    assert optimizers.find("adamw").of("timm").decay == 0.0
    assert optimizers.find("sgd").of("timm").momentum == 0.9
    assert optimizers.find("adam").of("timm").momentum is None
