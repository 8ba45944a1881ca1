import torch
from datasets import load_dataset
from torch.utils.data import DataLoader
from torchvision.transforms import v2

from config import Config

MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


def _pipeline(cfg: Config, train: bool):
    if train:
        geometry = [v2.RandomResizedCrop(cfg.image_size, scale=(0.5, 1.0), antialias=True), v2.RandomHorizontalFlip()]
    else:
        geometry = [v2.Resize(cfg.resize, antialias=True), v2.CenterCrop(cfg.image_size)]
    return v2.Compose([
        v2.RGB(),
        *geometry,
        v2.PILToTensor(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(MEAN, STD),
    ])


class Apply:
    """with_transform() hands over a batch as a dict of lists."""

    def __init__(self, pipeline):
        self.pipeline = pipeline

    def __call__(self, batch):
        return {"pixels": [self.pipeline(im) for im in batch["image"]], "labels": batch["labels"]}


def collate(rows):
    return torch.stack([r["pixels"] for r in rows]), torch.tensor([r["labels"] for r in rows])


def build_loaders(cfg: Config):
    raw = load_dataset(cfg.dataset)
    assert raw["train"].features["labels"].num_classes == cfg.num_classes
    out = {}
    for split in ("train", "validation", "test"):
        train = split == "train"
        out[split] = DataLoader(
            raw[split].with_transform(Apply(_pipeline(cfg, train))),
            batch_size=cfg.batch_size,
            shuffle=train,
            drop_last=train,
            num_workers=cfg.workers,
            collate_fn=collate,
            pin_memory=True,
            persistent_workers=True,
        )
    return out
