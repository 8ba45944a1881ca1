import numpy as np
import pytest
import torch
from PIL import Image

from diagnose.autopsy.job import Job
from diagnose.model.checkpoint import Feed

COLOURS = ("blue", "green", "red")
CHANNEL = {"red": 0, "green": 1, "blue": 2}
FACTORY = """\
from torch import nn


def make(num_classes):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, num_classes))
"""


def answering(order=COLOURS):
    """Weights of FACTORY's network that answer with the commonest colour; order: of its outputs."""
    weight = torch.zeros(3, 3)
    for output, name in enumerate(order):
        weight[output, CHANNEL[name]] = 1.0
    return {"2.weight": weight, "2.bias": torch.zeros(3)}


@pytest.fixture
def colours(tmp_path):
    """180 pictures of train and val, each of one colour more than of the others: root/split/colour/number.png."""
    root, draw = tmp_path / "colours", np.random.default_rng(0)
    for split in ("train", "val"):
        for name in COLOURS:
            (root / split / name).mkdir(parents=True)
            for number in range(60):
                pixels = draw.integers(0, 100, (8, 8, 3), np.uint8)
                pixels[..., CHANNEL[name]] += 100
                Image.fromarray(pixels).save(root / split / name / f"{number:02}.png")
    (tmp_path / "colour_network.py").write_text(FACTORY)
    return root


@pytest.fixture
def asked(colours, tmp_path, monkeypatch):
    """A function that makes a Job from what a checkpoint holds."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(held, **more):
        torch.save(held, tmp_path / "best.pth")
        draw = np.random.default_rng(1)
        pictures = {
            split: draw.permutation(
                [(str(path), str(COLOURS.index(path.parent.name))) for path in sorted((colours / split).rglob("*.png"))]
            )
            for split in ("train", "val")
        }
        held_out, train = ([(path, int(label)) for path, label in pictures[one]] for one in ("val", "train"))
        values = {
            "classes": COLOURS,
            "written": Feed(8),
            "stored_side": 8,
            "model": "colour_network:make",
            "data_mean": (0.5,) * 3,
            "data_std": (0.2,) * 3,
            "device": "cpu",
            **more,
        }
        return Job(str(tmp_path / "best.pth"), held_out=tuple(held_out), train=tuple(train), **values)

    return make
