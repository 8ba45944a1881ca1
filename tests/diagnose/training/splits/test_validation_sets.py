"""A PyTorch training that validates on its training images alone; other sets, and a second loader to watch, are not."""

import pytest
from small_programs import reading, training

from diagnose.model import SplitsOverlap


def found(tmp_path, **parts):
    return reading(tmp_path, training(**parts)).program.facts(SplitsOverlap)


@pytest.mark.parametrize(
    "before",
    [
        "val_loader = DataLoader(datasets.ImageFolder('t', val_tf), batch_size=32)",
        "val_loader = DataLoader(datasets.ImageFolder(root='t', transform=val_tf), batch_size=32)\n"
        "train_loader = DataLoader(datasets.ImageFolder(root='t', transform=train_tf), batch_size=32, shuffle=True)",
        "val_loader = DataLoader(train_data, batch_size=64)",
        "train_loader = DataLoader(datasets.CIFAR10('c', train=True, transform=train_tf), 32, shuffle=True)\n"
        "val_loader = DataLoader(datasets.CIFAR10('c', train=True, transform=val_tf), 32)",
    ],
)
def test_the_training_set_again(tmp_path, before):
    (one,) = found(tmp_path, before=before)
    assert one.how == "whole"


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"before": "val_loader = DataLoader(datasets.CIFAR10('c', train=False, transform=val_tf), 32)\n"
                   "train_loader = DataLoader(datasets.CIFAR10('c', train=True), batch_size=32, shuffle=True)"},
        {"before": "from torch.utils.data import random_split\na, b = random_split(train_data, [0.8, 0.2])\n"
                   "train_loader, val_loader = DataLoader(a, 32, shuffle=True), DataLoader(b, 32)"},
        {"before": "again = DataLoader(datasets.ImageFolder('t', val_tf), batch_size=32)",
         "validate": "with torch.no_grad():\n    for x, y in again:\n        model(x.cuda())\n"
                     "    for x, y in val_loader:\n        model(x.cuda())"},
    ],
)  # fmt: skip
def test_other_images(tmp_path, parts):
    assert found(tmp_path, **parts) == ()
