"""Hostile files by the thousand, from a seed: checkpoints, logs and layouts of datasets with random damage."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import pickle
import random
import tarfile
import tempfile
import zipfile
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from fuzzing import WORDS, damaged, garbled, timed
from PIL import Image
from safetensors.torch import save as safetensors
from torch import nn

from diagnose.autopsy.reading import read
from diagnose.autopsy.unreadable import Unreadable
from diagnose.dataset.sources.find import find_source
from diagnose.logs.read import read_logs
from diagnose.model import Evidence, InputError
from diagnose.registry import load_checks

LOGS = Path(__file__).parent / "unseen" / "logs" / "public"
LONGEST = 5000  # characters of a sentence
ENTRIES = 400  # of a layout that are asked for
TEXTS = (".csv", ".json", ".txt", ".log", ".yaml", ".xml", ".jsonl", ".tsv")


def checkpoints() -> list[tuple[str, bytes]]:
    """Small sound files of every kind that holds weights without executing anything."""
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 3))
    state = network.state_dict()
    wrapped = {
        "state_dict": {f"module.{name}": value for name, value in state.items()},
        "state_dict_ema": state,
        "epoch": 9,
        "val_acc": 0.81,
        "classes": ["cat", "dog", "fox"],
        "hyper_parameters": {"lr": 0.1, "arch": "own"},
    }
    made = []
    for held in (state, wrapped):
        for options in ({}, {"_use_new_zipfile_serialization": False}):
            buffer = io.BytesIO()
            torch.save(held, buffer, **options)
            made.append((".pth", buffer.getvalue()))
    made.append((".safetensors", safetensors(dict(state))))
    made.append((".pkl", pickle.dumps({"weights": [1, 2, 3]})))
    return made


@cache
def logs() -> list[tuple[str, bytes]]:
    """The public logs that are kept, by the ending of their names."""
    files = (path for path in sorted(LOGS.rglob("*")) if path.is_file() and path.stat().st_size < 200_000)
    return [(path.suffix or ".log", path.read_bytes()) for path in files]


def layouts() -> list[dict[str, bytes]]:
    """Small sound datasets, each as its files by their path."""
    picture = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(picture, "PNG")
    image, names = picture.getvalue(), [f"{number}.png" for number in range(6)]
    classes = ["cat", "dog", "cat", "dog", "cat", "dog"]
    flat = {f"images/{name}": image for name in names}
    tree = {f"train/{kind}/{name}": image for name, kind in zip(names, classes, strict=True)}
    coco = {
        "images": [{"id": n, "file_name": name} for n, name in enumerate(names)],
        "annotations": [{"id": n, "image_id": n, "category_id": n % 2} for n in range(6)],
        "categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}],
    }
    rows = "".join(f"{name},{kind},train\n" for name, kind in zip(names, classes, strict=True))
    arrays, packed, archive = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.savez(arrays, x_train=np.zeros((6, 8, 8, 3), np.uint8), y_train=np.arange(6) % 2)
    with zipfile.ZipFile(packed, "w") as written:
        for name, data in tree.items():
            written.writestr(name, data)
    with tarfile.open(fileobj=archive, mode="w") as shard:
        for number, kind in enumerate(classes):
            for ending, data in (("png", image), ("cls", kind.encode())):
                entry = tarfile.TarInfo(f"{number}.{ending}")
                entry.size = len(data)
                shard.addfile(entry, io.BytesIO(data))
    idx = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (6, 8, 8)) + bytes(384)
    numbers = b"\0\0\x08\x01" + (6).to_bytes(4, "big") + bytes([0, 1] * 3)
    labels = io.BytesIO()
    np.save(labels, np.arange(6) % 2)
    return [
        tree,
        {**flat, "labels.csv": f"filename,label,split\n{rows}".encode()},
        {**flat, "annotations.json": json.dumps(coco).encode()},
        {**{f"images/{n}.png": image for n in range(6)}, "images/labels.npy": labels.getvalue()},
        {"data.npz": arrays.getvalue()},
        {"data.zip": packed.getvalue()},
        {"shard-000.tar": archive.getvalue()},
        {"train-images-idx3-ubyte": idx, "train-labels-idx1-ubyte": numbers},
        {"train-images-idx3-ubyte.gz": gzip.compress(idx), "train-labels-idx1-ubyte.gz": gzip.compress(numbers)},
        {**flat, "images/0.txt": b"cat", "images/1.txt": b"dog", "images/2.txt": b"cat", "images/3.txt": b"dog"},
    ]


def fuzz_checkpoints(times: int, seed: int) -> Counter[str]:
    """What became of damaged files of weights: read, or refused in a sentence. Raises whatever is neither."""
    chance, outcome, sound = random.Random(seed), Counter[str](), checkpoints()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(times):
            ending, data = chance.choice(sound)
            path = Path(folder) / f"x{ending}"
            path.write_bytes(damaged(data, chance))

            def load(path: Path = path) -> None:
                try:
                    read(path)
                except Unreadable as fault:
                    outcome["refused" if "\n" not in str(fault) else "refused in lines"] += 1
                else:
                    outcome["read"] += 1

            timed(load)
    return outcome


def fuzz_logs(times: int, seed: int) -> Counter[str]:
    """What became of damaged logs: read and judged, or refused in a sentence. Raises whatever is neither."""
    chance, outcome, sound = random.Random(seed), Counter[str](), logs()
    checks = [check for code, check in load_checks().items() if code.startswith("L")]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(times):
            ending, data = chance.choice(sound)
            path = Path(folder) / f"x{ending}"
            path.write_bytes(_garbled(ending, data, chance))

            def judge(path: Path = path) -> None:
                try:
                    evidence = Evidence(past=read_logs(str(path)))
                except InputError:
                    outcome["refused"] += 1
                    return
                crashed = [check.code for check in checks if check.run(evidence)[0] == "crashed"]
                assert not crashed, (crashed, path.read_bytes())
                outcome["read"] += 1

            timed(judge)
    return outcome


def fuzz_layouts(times: int, seed: int) -> Counter[str]:
    """What became of datasets of which a file or a name was damaged: listed, or refused in a sentence. Raises whatever
    is neither."""
    chance, outcome, sound = random.Random(seed), Counter[str](), layouts()
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            files = dict(chance.choice(sound))
            _damage_one(files, chance)
            for name, data in files.items():
                path = Path(folder) / name
                with contextlib.suppress(OSError, ValueError):  # a name that no file can have
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)

            def look(folder: str = folder) -> None:
                try:
                    list(islice(find_source(folder, offline=True).entries(), ENTRIES))
                except InputError as fault:
                    outcome["refused" if len(str(fault)) < LONGEST else "refused at length"] += 1
                else:
                    outcome["listed"] += 1

            timed(look)
    return outcome


def _damage_one(files: dict[str, bytes], chance: random.Random) -> None:
    others = [name for name in files if not name.endswith(".png")] or list(files)
    name = chance.choice(others)
    match chance.randrange(4):
        case 0:
            word = chance.choice(WORDS).replace("/", "").replace("\ud800", "?").replace("\x00", "0")[:60]
            files[f"{Path(name).parent}/{word}{Path(name).suffix}"] = files.pop(name)
        case 1:
            files[f"{name}{chance.choice(['.bak', '.txt', '/x.png', '.json'])}"] = files[name]
        case _:
            files[name] = _garbled(Path(name).suffix, files[name], chance)


def _garbled(ending: str, data: bytes, chance: random.Random) -> bytes:
    if ending not in TEXTS or chance.random() < 0.3:
        return damaged(data, chance)
    return garbled(data.decode("utf-8", "replace"), chance).encode("utf-8", "surrogatepass")
