"""Checkpoints with one planted mismatch each, or none, through the real command:
`python tests/benchmarks/checkpoints.py FOLDER`, after checkpoint_models.py FOLDER has trained the networks.

A case is a file of weights and a program, in each of which at most one thing differs from the training. Right is the
kind of change that the JSON report restores the score with; on a sound one, none.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch
from checkpoint_models import BASES, HALF, IMAGENET, NONE, Base

ROOT = Path(__file__).resolve().parents[2]
SOUND = ("sound", "sound in a wrapper")
FAULTS = {
    "shuffle_cifar": ("channels", "no normalisation", "shifted", "statistics as made"),
    "lite_stamps": ("no normalisation", "raw pixels", "shuffled classes", "averaged"),
    "mobile_fashion": ("raw pixels", "natural order", "stale statistics", "size"),
    "regnet_fashion": ("no normalisation", "natural order", "statistics as made", "averaged"),
    "lite_cifar": ("channels", "other statistics", "shifted", "stale statistics"),
    "squeeze_fashion": ("raw pixels", "natural order", "size", "other statistics"),
    "resnet_fashion": ("unit pixels", "shifted", "statistics as made", "averaged"),
    "ten_cifar": ("channels", "raw pixels", "shuffled classes", "size"),
    "resnet_cifar": ("channels", "no normalisation", "stale statistics", "averaged"),
    "shuffle_fashion": ("size", "natural order", "statistics as made", "other statistics"),
}
KINDS = {
    "channels": "channel order",
    "no normalisation": "normalisation",
    "other statistics": "normalisation",
    "raw pixels": "range of the pixels",
    "unit pixels": "range of the pixels",
    "size": "resizing",
    "statistics as made": "batch norm statistics",
    "stale statistics": "batch norm statistics",
    "shifted": "order of classes",
    "natural order": "order of classes",
    "shuffled classes": "order of classes",
    "averaged": "averaged weights",
}
PROGRAM = """\
import cv2
import timm
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import datasets, models
from torchvision.transforms import v2

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)
train_steps = v2.Compose([{train}])
val_steps = v2.Compose([{steps}])


class Pictures(Dataset):
    def __init__(self, root, transform):
        self.files = datasets.ImageFolder(root).samples
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        path, label = self.files[index]
        image = {reader}
        return self.transform(image), label


train = DataLoader(Pictures("data/train", train_steps), batch_size=64, shuffle=True)
val = DataLoader(Pictures("data/val", val_steps), batch_size=64)
model = {model}
model = model.to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr={rate}, weight_decay=0.02)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, {epochs})
for epoch in range({epochs}):
    model.train()
    for images, labels in train:
        optimizer.zero_grad()
        loss = criterion(model(images.to(device)), labels.to(device))
        loss.backward()
        optimizer.step()
    schedule.step()
    model.eval()
    right = 0
    with torch.no_grad():
        for images, labels in val:
            right += (model(images.to(device)).argmax(1).cpu() == labels).sum().item()
    print(epoch, right / len(val.dataset))
torch.save(model.state_dict(), "best.pth")
"""


def program(base: Base, classes: int) -> str:
    """A training program that feeds its images as the base says."""
    crop = (
        f"v2.Resize({base.side}), v2.CenterCrop({base.size})" if base.side else f"v2.Resize(({base.size}, {base.size}))"
    )
    scale = "True" if base.unit == 255 else "False"
    steps = [crop, "v2.ToImage()", f"v2.ToDtype(torch.float32, scale={scale})"]
    mean, std = base.statistics
    steps += [f"v2.Normalize({list(mean)}, {list(std)})"] if mean else []
    reader = "Image.fromarray(cv2.imread(path))" if base.order == "BGR" else 'Image.open(path).convert("RGB")'
    if base.arch in ("regnetx_002", "resnet10t"):
        model = f'timm.create_model("{base.arch}", pretrained=False, num_classes={classes})'
    elif base.arch == "efficientnet_lite0":
        model = f'EfficientNet.from_name("efficientnet-lite0", num_classes={classes})'
    else:
        model = f"models.{base.arch}(weights=None, num_classes={classes})"
    return PROGRAM.format(train=", ".join([steps[0], "v2.RandomHorizontalFlip()", *steps[1:]]), steps=", ".join(steps),
                          reader=reader, model=model, rate=base.rate, epochs=base.epochs)  # fmt: skip


def fed(base: Base, fault: str) -> Base:
    """The base with what the fault changes in the program."""
    if fault == "channels":
        return replace(base, order="RGB" if base.order == "BGR" else "BGR")
    if fault == "no normalisation":
        return replace(base, statistics=NONE)
    if fault == "other statistics":
        return replace(base, statistics=HALF if base.statistics != NONE else IMAGENET)
    if fault in ("raw pixels", "unit pixels"):
        return replace(base, unit=256 - base.unit)
    if fault == "size":
        return replace(base, size=2 * base.size)
    return base


def head_of(state: dict) -> str:
    """The name of the layer that scores: the last with as many rows as its bias, of the fewest."""
    rows = {key.removesuffix(".bias"): len(value) for key, value in state.items() if key.endswith(".bias")}
    linear = [name for name in rows if state.get(f"{name}.weight") is not None and state[f"{name}.weight"].dim() > 1]
    return linear[-1]


def weights(saved: dict, names: list[str], fault: str) -> dict:
    """The content of the file, with what the fault changes in it."""
    state = {key: value.clone() for key, value in saved["state"].items()}
    if fault in ("shifted", "natural order", "shuffled classes"):
        count = len(names)
        order = {
            "shifted": [(at + 1) % count for at in range(count)],
            "natural order": [sorted(names, key=lambda name: (len(name), name)).index(name) for name in names],
            "shuffled classes": torch.randperm(count, generator=torch.Generator().manual_seed(5)).tolist(),
        }[fault]
        head = head_of(state)
        for part in ("weight", "bias"):
            moved = state[f"{head}.{part}"].clone()
            moved[order] = state[f"{head}.{part}"]
            state[f"{head}.{part}"] = moved
    for key in state:
        made = 0.0 if key.endswith("running_mean") else 1.0 if key.endswith("running_var") else None
        if made is not None and fault == "statistics as made":
            state[key].fill_(made)
        elif made is not None and fault == "stale statistics":  # 50 updates with momentum 0.01
            state[key] = state[key] * (1 - 0.99**50) + made * 0.99**50
    if fault == "averaged":
        torch.manual_seed(0)
        noisy = {key: value + 0.7 * value.std() * torch.randn_like(value) if value.dim() > 1 else value
                 for key, value in state.items()}  # fmt: skip
        return {"state_dict": noisy, "state_dict_ema": state, "epoch": 9}
    if fault == "sound in a wrapper":
        wrapped = {f"model.{key}": value for key, value in state.items()}
        return {
            "state_dict": wrapped,
            "hyper_parameters": {"lr": 0.002},
            "epoch": 9,
            "pytorch-lightning_version": "2.4",
        }
    return state


def examined(
    data: Path, checkpoint: Path, config: Path | None, arch: str | None, cache: str
) -> tuple[dict, float, float]:
    """The report's `checkpoint`, and the seconds of the command: on the clock, and of the processor."""
    words = [str(data), "--checkpoint", str(checkpoint), "--report", "--format", "json", "--offline", "--quiet"]
    words += ["--config", str(config)] if config else []
    words += ["--arch", arch] if arch else []
    begin, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "diagnose", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": cache},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    if not done.stdout:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout)["checkpoint"], time.monotonic() - begin, busy


def main() -> None:
    """Prints a row for each case, and the sums."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    cases = given.folder / "cases"
    cases.mkdir(exist_ok=True)
    rows: list[tuple[str, str, bool, float, float]] = []
    print("| network | planted | as written (in training) | restored | by | right | s | CPU s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for base in BASES:
        source = given.folder / "models" / f"{base.name}.pth"
        if not source.exists() or (given.names and base.name not in given.names):
            continue
        saved = torch.load(source, weights_only=True)
        data = given.folder / "data" / base.data
        names = sorted(path.name for path in (data / "train").iterdir())
        for fault in (*FAULTS[base.name], *SOUND):
            file, script = cases / f"{base.name}.pth", cases / f"{base.name}.py"
            torch.save(weights(saved, names, fault), file)
            script.write_text(program(fed(base, fault), len(names)), "utf-8")
            arch = base.arch if base.arch == "efficientnet_lite0" else None
            found, seconds, busy = examined(data, file, script, arch, str(given.folder / "cache"))
            restored = found["restored"]
            named = restored["kind"] if restored else "none"
            right = named == KINDS.get(fault, "none") and found["accuracy"] is not None
            rows.append((base.name, fault, right, seconds, busy))
            score = f"{restored['accuracy']:.1%}" if restored else "-"
            written = (
                f"{found['accuracy']:.1%}" if found["accuracy"] is not None else found["stopped"] or found["fault"]
            )
            words = restored["words"] if restored else ""
            print(f"| {base.name} | {fault} | {written} ({saved['accuracy']:.1%}) | {score} | {named}: {words} | "
                  f"{'yes' if right else 'NO'} | {seconds:.0f} | {busy:.0f} |", flush=True)  # fmt: skip
    for name, chosen in (("planted", [row for row in rows if row[1] not in SOUND]),
                         ("sound", [row for row in rows if row[1] in SOUND])):  # fmt: skip
        if chosen:
            print(f"{name}: right {sum(row[2] for row in chosen)} of {len(chosen)}")
    if rows:
        clock, busy = (statistics.median(row[at] for row in rows) for at in (3, 4))
        print(f"median {clock:.0f} s, {busy:.0f} s of the processor")


if __name__ == "__main__":
    main()
