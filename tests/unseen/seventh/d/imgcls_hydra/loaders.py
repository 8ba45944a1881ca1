import torch
from hydra.utils import instantiate
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import CIFAR10


def make_loaders(data_cfg, seed):
    train_tf = instantiate(data_cfg.train_tf)
    eval_tf = instantiate(data_cfg.eval_tf)
    kw = dict(root=data_cfg.root, download=True)

    augmented = CIFAR10(train=True, transform=train_tf, **kw)
    clean = CIFAR10(train=True, transform=eval_tf, **kw)
    order = torch.randperm(len(augmented), generator=torch.Generator().manual_seed(seed)).tolist()
    held, kept = order[: data_cfg.holdout], order[data_cfg.holdout:]

    opts = dict(batch_size=data_cfg.batch_size, num_workers=data_cfg.workers, pin_memory=True)
    return {
        "train": DataLoader(Subset(augmented, kept), shuffle=True, **opts),
        "val": DataLoader(Subset(clean, held), **opts),
        "test": DataLoader(CIFAR10(train=False, transform=eval_tf, **kw), **opts),
    }
