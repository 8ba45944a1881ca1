"""Trains the small real networks of checkpoints.py: `python tests/benchmarks/checkpoint_models.py FOLDER [NAME ...]`.

Data: a part of CIFAR-10 (--cifar images.tar.gz), Fashion-MNIST and Tux Paint's stamps, as folders of
pictures; the input is made here by Pillow, NumPy and torchvision alone, apart from what diagnose does.
"""

from __future__ import annotations

import argparse
import gzip
import io
import random
import tarfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn.functional import cross_entropy

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5,) * 3, (0.5,) * 3)
CIFAR_STATISTICS = ((0.491, 0.482, 0.447), (0.247, 0.243, 0.262))
FASHION = ((0.286,) * 3, (0.353,) * 3)
NONE = ((), ())
STAMPS = ("animals", "food", "household", "plants", "seasonal", "symbols", "town", "vehicles")


@dataclass(frozen=True)
class Base:
    """A network with the input that it is trained on. unit: 255 for 0..1, 1 for 0..255. side: of the shorter side
    before a centre crop, 0 for a squash."""

    name: str
    data: str
    arch: str
    size: int
    side: int
    order: str
    unit: int
    statistics: tuple[tuple[float, ...], tuple[float, ...]]
    epochs: int
    rate: float = 2e-3


BASES = (
    Base("shuffle_cifar", "cifar", "shufflenet_v2_x0_5", 48, 0, "BGR", 255, IMAGENET, 8),
    Base("lite_stamps", "stamps", "efficientnet_lite0", 96, 0, "RGB", 255, IMAGENET, 6, 1e-3),
    Base("mobile_fashion", "fashion", "mobilenet_v3_small", 48, 0, "RGB", 255, HALF, 5),
    Base("regnet_fashion", "fashion", "regnetx_002", 32, 0, "RGB", 255, FASHION, 4),
    Base("lite_cifar", "cifar", "efficientnet_lite0", 64, 72, "RGB", 255, IMAGENET, 3, 1e-3),
    Base("squeeze_fashion", "fashion", "squeezenet1_1", 48, 0, "RGB", 255, NONE, 6, 6e-4),
    Base("resnet_fashion", "fashion", "resnet18", 28, 0, "RGB", 1, NONE, 2),
    Base("ten_cifar", "cifar", "resnet10t", 48, 0, "RGB", 255, CIFAR_STATISTICS, 4),
    Base("resnet_cifar", "cifar", "resnet18", 32, 0, "RGB", 255, IMAGENET, 4),
    Base("shuffle_fashion", "fashion", "shufflenet_v2_x0_5", 32, 0, "RGB", 255, NONE, 5),
)


def folders(name: str, root: Path, cifar: Path) -> Path:
    """The data as root/name/{train,val}/class/*.png, made once."""
    place = root / "data" / name
    if place.is_dir():
        return place
    rows = {"cifar": _cifar, "fashion": _fashion, "stamps": _stamps}[name](cifar)
    for split, label, number, image in rows:
        (place / split / label).mkdir(parents=True, exist_ok=True)
        image.save(place / split / label / f"{number:04}.png")
    return place


def _cifar(cifar: Path):
    with tarfile.open(cifar) as archive:
        for member in archive:
            parts = member.name.split("/")
            if len(parts) == 3 and parts[2]:
                number = int(parts[2].split(".")[0])
                if number < {"train": 400, "test": 100}[parts[0]]:
                    image = Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB")
                    yield {"train": "train", "test": "val"}[parts[0]], parts[1], number, image


def _fashion(cifar: Path):
    place = Path("/usr/share/datasets/fashion-mnist")
    for split, stem, most in (("train", "train", 3000), ("val", "t10k", 1000)):
        pixels = np.frombuffer(
            gzip.decompress((place / f"{stem}-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16
        )
        labels = np.frombuffer(
            gzip.decompress((place / f"{stem}-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8
        )
        for number, (image, label) in enumerate(zip(pixels.reshape(-1, 28, 28)[:most], labels[:most], strict=True)):
            yield split, f"class{label + 1}", number, Image.fromarray(image)


def _stamps(cifar: Path):
    draw = random.Random(0)
    for name in STAMPS:
        files = sorted(Path("/usr/share/tuxpaint/stamps", name).rglob("*.png"))
        draw.shuffle(files)
        for number, file in enumerate(files):
            image = Image.open(file).convert("RGBA")
            whole = Image.new("RGBA", image.size, "white")
            whole.alpha_composite(image)
            whole.thumbnail((200, 200))
            yield "val" if number % 3 == 0 else "train", name, number, whole.convert("RGB")


def pixels(base: Base, place: Path, split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """uint8 (N, 3, size, size) in the base's channel order, and labels by the classes' sorted names."""
    images, labels = [], []
    for label, folder in enumerate(sorted((place / split).iterdir())):
        for file in sorted(folder.iterdir()):
            image = Image.open(file).convert("RGB")
            if base.side:
                scale = base.side / min(image.size)
                image = image.resize([max(base.side, round(one * scale)) for one in image.size], Image.BILINEAR)
                left, top = (image.width - base.size) // 2, (image.height - base.size) // 2
                image = image.crop((left, top, left + base.size, top + base.size))
            else:
                image = image.resize((base.size, base.size), Image.BILINEAR)
            array = np.asarray(image)
            images.append(array[:, :, ::-1] if base.order == "BGR" else array)
            labels.append(label)
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous(), torch.tensor(labels)


def values(base: Base, images: torch.Tensor) -> torch.Tensor:
    """What the network is fed."""
    given = images.float() / base.unit
    mean, std = base.statistics
    if mean:
        given = (given - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    return given


def network(base: Base, classes: int) -> nn.Module:
    """Torchvision's or timm's with random weights; EfficientNet-Lite0 with those of ImageNet."""
    warnings.simplefilter("ignore")
    if base.arch == "efficientnet_lite0":
        from diagnose.probing.weights import build, find_weights

        return build(base.arch, classes, find_weights("auto", "efficientnet_lite0", True, print), 0)
    if base.arch in ("regnetx_002", "resnet10t"):
        import timm

        return timm.create_model(base.arch, num_classes=classes)
    import torchvision

    return torchvision.models.get_model(base.arch, num_classes=classes)


def trained(base: Base, root: Path, cifar: Path) -> None:
    """Trains one network and saves FOLDER/models/NAME.pth: weights, moving average and validation accuracy."""
    begin = time.monotonic()
    place = folders(base.data, root, cifar)
    (images, labels), (held, truth) = (pixels(base, place, split) for split in ("train", "val"))
    classes = int(labels.max()) + 1
    torch.manual_seed(0)
    model = network(base, classes)
    for norm in model.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.momentum = 0.1  # MobileNetV3's 0.01 leaves statistics stale after trainings this short
    optimizer = torch.optim.AdamW(model.parameters(), base.rate, weight_decay=0.02)
    steps = base.epochs * (len(images) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, base.rate, total_steps=steps)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.98), use_buffers=True
    )
    for epoch in range(base.epochs):
        model.train()
        order = torch.randperm(len(images))
        for at in range(0, len(images) - 63, 64):
            chosen = order[at : at + 64]
            batch = images[chosen]
            flip = torch.rand(64) < 0.5
            batch[flip] = batch[flip].flip(-1)
            optimizer.zero_grad()
            loss = cross_entropy(model(values(base, batch)), labels[chosen], label_smoothing=0.05)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            average.update_parameters(model)
        model.eval()
        with torch.no_grad():
            right = sum(
                int((model(values(base, held[at : at + 128])).argmax(1) == truth[at : at + 128]).sum())
                for at in range(0, len(held), 128)
            )
        print(f"{base.name} epoch {epoch} {right / len(held):.1%} {time.monotonic() - begin:.0f} s", flush=True)
    (root / "models").mkdir(exist_ok=True)
    saved = {"state": model.state_dict(), "average": average.module.state_dict(), "accuracy": right / len(held)}
    torch.save(saved, root / "models" / f"{base.name}.pth")


def main() -> None:
    """Trains those named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--cifar", type=Path, default=Path("images.tar.gz"))
    given = parser.parse_args()
    for base in BASES:
        if (not given.names or base.name in given.names) and not (
            given.folder / "models" / f"{base.name}.pth"
        ).exists():
            trained(base, given.folder, given.cifar)


if __name__ == "__main__":
    main()
