from pathlib import Path

from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T
from torchvision.transforms.functional import InterpolationMode as Mode


def pipelines(d):
    norm = [T.ToTensor(), T.Normalize(d.mean, d.std)]
    train = T.Compose([
        T.RandomResizedCrop(d.size, scale=(0.5, 1.0), interpolation=Mode.BICUBIC),
        T.RandomHorizontalFlip(),
        T.RandomVerticalFlip(),      # Blätter liegen in jeder Richtung
        T.ColorJitter(0.2, 0.2, 0.1),
        *norm,
    ])
    test = T.Compose([T.Resize(332, interpolation=Mode.BICUBIC), T.CenterCrop(d.size), *norm])
    return train, test


def loaders(cfg):
    d = cfg.data
    train_tf, val_tf = pipelines(d)
    root = Path(d.root)
    train = datasets.ImageFolder(str(root / "train"), train_tf)
    val = datasets.ImageFolder(str(root / "val"), val_tf)
    assert train.classes == val.classes and len(train.classes) == cfg.net.classes
    opts = {"num_workers": d.workers, "pin_memory": True, "batch_size": cfg.train.batch}
    return DataLoader(train, shuffle=True, drop_last=True, **opts), DataLoader(val, **opts)
