"""Small programs for the tests of what reads them: texts of their own, and a sound training of which parts change."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from diagnose.interpreter.reader import Reader
from diagnose.libraries import registry
from diagnose.model import Evidence, Finding
from diagnose.registry import load_checks
from diagnose.training.program import Reading, read_program

SOUND = {
    "top": "torch.manual_seed(0)",
    "train_tf": "T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), norm])",
    "val_tf": "T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])",
    "train_data": "datasets.ImageFolder('t', train_tf)",
    "train_loader": "DataLoader(train_data, batch_size=32, shuffle=True)",
    "model": "model = models.resnet50(weights='IMAGENET1K_V2')\nmodel.fc = nn.Linear(2048, 10)",
    "criterion": "nn.CrossEntropyLoss()",
    "optimizer": "optimizer = torch.optim.SGD(model.parameters(), lr=0.005, momentum=0.9, weight_decay=1e-4)",
    "before": "",
    "mode": "model.train()",
    "batch": "",
    "loss": "loss = criterion(model(x), y)",
    "clear": "optimizer.zero_grad()",
    "backward": "loss.backward()",
    "step": "optimizer.step()",
    "after": "",
    "validate": "model.eval()\nwith torch.no_grad():\n    for x, y in val_loader:\n        model(x.cuda())",
    "end": "",
}
PROGRAM = """\
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms as T
{top}
norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = {train_tf}
val_tf = {val_tf}
train_data = {train_data}
train_loader = {train_loader}
val_loader = DataLoader(datasets.ImageFolder('v', val_tf), batch_size=32)
{model}
model = model.cuda()
criterion = {criterion}
{optimizer}
{before}
for epoch in range(30):
    {mode}
    for x, y in train_loader:
        x, y = x.cuda(), y.cuda()
        {batch}
        {loss}
        {clear}
        {backward}
        {step}
        {after}
    {validate}
{end}
"""


def training(**parts: str) -> str:
    """The text of a sound training of a ResNet50, with these parts of it instead (the keys of SOUND)."""
    unknown = set(parts) - set(SOUND)
    assert not unknown, unknown
    told = SOUND | parts
    lines = []
    for line in PROGRAM.splitlines():
        name = line.strip()[1:-1]
        if line.strip().startswith("{") and name in told:
            indent = line[: len(line) - len(line.lstrip())]
            lines += textwrap.indent(told[name], indent).splitlines() if told[name] else []
        else:
            lines.append(line.format(**told) if "{" in line else line)
    return "\n".join(lines) + "\n"


def write(folder: Path, text: str, **files: str) -> Path:
    """The program's path; `files` are the texts of modules beside it."""
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content)
    path = folder / "program.py"
    path.write_text(text)
    return path


def followed(folder: Path, text: str, *arguments: str, **files: str) -> Reader:
    """The reader once it has followed a program."""
    reader = Reader(write(folder, text, **files), registry(), arguments)
    reader.read()
    return reader


def names(reader: Reader) -> dict[Any, Any]:
    """What the program's own names stand for at its end."""
    return reader.modules[reader.path.resolve()].names


def reading(folder: Path, text: str, **files: str) -> Reading:
    return read_program(write(folder, text, **files))


def said(read: Reading, field: str) -> Any:
    """The value of a field, "?" where it is unknown."""
    setting = getattr(read.config, field)
    return setting.value if setting.known else "?"


def why(read: Reading, field: str) -> str:
    """Why a field is unknown; it must be."""
    setting = getattr(read.config, field)
    assert not setting.known, setting
    return setting.why or ""


def judged(read: Reading, code: str) -> tuple[str, tuple[Finding, ...]]:
    """The state of one check on what was read of the program alone, and what it found."""
    state, _, found = load_checks()[code].run(Evidence(configuration=read.config, code=read.program))
    return state, found


def found(read: Reading, code: str) -> bool:
    return bool(judged(read, code)[1])
