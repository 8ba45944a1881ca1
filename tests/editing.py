"""A small program of two files, and how an editor saves one."""

import os

from diagnose.engine import Request
from diagnose.model import Evidence
from diagnose.rereading import Rereading

PROGRAM = """\
import torch
from torchvision import datasets, transforms
from nets import build
data = datasets.ImageFolder("photos", transforms.ToTensor())
loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True)
net = build(8)
opt = torch.optim.SGD(net.parameters(), lr=100.0, momentum=0.9)
for x, y in loader:
    opt.zero_grad()
    torch.nn.functional.cross_entropy(net(x), y).backward()
    opt.step()
"""
NETS = "import torchvision\ndef build(n):\n    return torchvision.models.resnet50(weights=None, num_classes=n)\n"


def save(path, text):
    """As editors do: whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text)
    os.replace(draft, path)


def reading(config="train.py", **more):
    return Rereading(Request(None, config, **more), Evidence(absent={"data": "no images were given"}))
