"""Weld seam inspection: six defect types, grey pictures from the line camera."""
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn as nn
from torch.hub import load_state_dict_from_url
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import resnet34
from torchvision.transforms import v2


@dataclass(frozen=True)
class Config:
    root: Path = Path("/data/weld/v3")
    url: str = "https://download.pytorch.org/models/resnet34-b627a593.pth"
    classes: int = 6
    size: int = 256
    batch: int = 48
    epochs: int = 25
    lr: float = 2e-4
    decay: float = 0.01
    seed: int = 1234


class SeamClassifier(nn.Module):
    def __init__(self, classes: int):
        super().__init__()
        self.backbone = resnet34(weights=None)
        self.backbone.fc = nn.Identity()
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(512, classes))

    def load_imagenet(self, url: str) -> None:
        state = load_state_dict_from_url(url, progress=False)
        result = self.backbone.load_state_dict(state, strict=False)
        if result.missing_keys or set(result.unexpected_keys) != {"fc.weight", "fc.bias"}:
            raise RuntimeError(f"weights do not fit: {result}")

    def forward(self, x):
        return self.classifier(self.backbone(x))


def make_transform(cfg: Config, train: bool):
    steps = [v2.Grayscale(num_output_channels=3)]
    if train:
        steps += [v2.RandomResizedCrop(cfg.size, scale=(0.7, 1.0)), v2.RandomHorizontalFlip()]
    else:
        steps += [v2.Resize(288), v2.CenterCrop(cfg.size)]
    steps += [
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
    return v2.Compose(steps)


def make_loader(cfg: Config, part: str) -> DataLoader:
    train = part == "train"
    data = ImageFolder(cfg.root / part, make_transform(cfg, train))
    if len(data.classes) != cfg.classes:
        raise ValueError(f"{part}: {data.classes}")
    return DataLoader(data, batch_size=cfg.batch, shuffle=train, num_workers=6, pin_memory=True,
                      persistent_workers=True)


def run_epoch(model, loader, device, optimizer=None):
    """One pass; trains where an optimizer is given. Returns mean loss and accuracy."""
    model.train(optimizer is not None)
    loss_sum = torch.zeros((), device=device)
    hits = torch.zeros((), device=device)
    seen = 0
    with torch.set_grad_enabled(optimizer is not None):
        for images, labels in loader:
            images = images.to(device, non_blocking=True)
            labels = labels.to(device, non_blocking=True)
            logits = model(images)
            loss = nn.functional.cross_entropy(logits, labels)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.detach() * labels.numel()
            hits += (logits.detach().argmax(1) == labels).sum()
            seen += labels.numel()
    return (loss_sum / seen).item(), (hits / seen).item()


def main(cfg: Config = Config()):
    torch.manual_seed(cfg.seed)
    device = torch.device("cuda")
    train, val, test = (make_loader(cfg, part) for part in ("train", "val", "test"))

    model = SeamClassifier(cfg.classes)
    model.load_imagenet(cfg.url)
    model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.decay)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg.epochs)

    best, path = 0.0, cfg.root / "seam.pt"
    for epoch in range(cfg.epochs):
        train_loss, train_acc = run_epoch(model, train, device, optimizer)
        val_loss, val_acc = run_epoch(model, val, device)
        scheduler.step()
        print(f"{epoch:3d} {train_loss:.4f} {train_acc:.3f} | {val_loss:.4f} {val_acc:.3f}")
        if val_acc > best:
            best = val_acc
            torch.save(model.state_dict(), path)

    model.load_state_dict(torch.load(path, map_location=device))
    print("test: loss %.4f acc %.4f" % run_epoch(model, test, device))


if __name__ == "__main__":
    main()
