"""Images listed class by class, of which the last part is held out without fit()."""

import pytest
from small_programs import followed

from diagnose.training.splits.ordered import cut_by_class

HEAD = """
import os, torch, numpy as np
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset
from torchvision.datasets import CIFAR10, ImageFolder
from torchvision import transforms as T
images, labels = [], []
for number, name in enumerate(["a", "b", "c"]):
    for file in os.listdir(name):
        images.append(read(file))
        labels.append(number)
x, y = torch.tensor(np.stack(images)), torch.tensor(labels)
n = int(0.8 * len(x))
class Own(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y
folder = ImageFolder("d", T.ToTensor())
m = int(0.8 * len(folder))
"""
CUT = [
    "train, val = TensorDataset(x[:n], y[:n]), TensorDataset(x[n:], y[n:])",
    "train, val = Own(x[:n], y[:n]), Own(x[n:], y[n:])",
    "train = Subset(folder, range(m))\nval = Subset(folder, range(m, len(folder)))",
    "train = Subset(folder, list(range(0, m)))\nval = Subset(ImageFolder('d'), np.arange(m, len(folder)))",
]
SOUND = [
    "p = torch.randperm(len(x))\nx, y = x[p], y[p]\nTensorDataset(x[:n], y[:n])\nTensorDataset(x[n:], y[n:])",
    "p = torch.randperm(len(folder)).tolist()\nSubset(folder, p[:m])\nSubset(folder, p[m:])",
    "data = CIFAR10('d')\nSubset(data, range(40000))\nSubset(data, range(40000, 50000))",
    "TensorDataset(x[::2], y[::2])\nTensorDataset(x[1::2], y[1::2])",
    "print(x[:n], y[:n])",
    "show(x[:5], y[:5])\nshow(x[-5:], y[-5:])",
    "Subset(folder, range(m))\nSubset(ImageFolder('other'), range(m, 900))",
]


@pytest.mark.parametrize("text", CUT)
def test_the_last_classes_are_cut_off(tmp_path, text):
    (one,) = cut_by_class(followed(tmp_path, HEAD + text))
    assert "val" in (HEAD + text).splitlines()[one.location.line - 1]


@pytest.mark.parametrize("text", SOUND)
def test_parts_of_mixed_images(tmp_path, text):
    assert list(cut_by_class(followed(tmp_path, HEAD + text))) == []
