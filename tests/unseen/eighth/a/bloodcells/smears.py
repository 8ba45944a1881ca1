from collections import Counter

import torch
from torch.utils.data import DataLoader, WeightedRandomSampler, random_split
from torchvision import transforms as tt
from torchvision.datasets import ImageFolder

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def _tail():
    return [tt.ToTensor(), tt.Normalize(*IMAGENET)]


def two_views(root, side):
    """The same folder twice: once with random changes for fitting, once without."""
    varied = tt.Compose([
        tt.Resize((side, side)),
        tt.RandomHorizontalFlip(),
        tt.RandomVerticalFlip(),
        tt.ColorJitter(brightness=0.15, contrast=0.15),
        *_tail(),
    ])
    fixed = tt.Compose([tt.Resize((side, side)), *_tail()])
    return ImageFolder(root, varied), ImageFolder(root, fixed)


def make(conf):
    varied, fixed = two_views(conf["data"], conf["image"])
    n = len(fixed)
    held = round(n * conf["val_fraction"])

    def cut(ds):
        # both calls draw the very same permutation
        return random_split(ds, [n - held, held], torch.Generator().manual_seed(conf["split_seed"]))

    fit = cut(varied)[0]
    val = cut(fixed)[1]
    assert not set(fit.indices) & set(val.indices)

    kinds = [varied.targets[i] for i in fit.indices]
    freq = Counter(kinds)
    draw = WeightedRandomSampler([1.0 / freq[k] for k in kinds], num_samples=len(kinds), replacement=True)

    ld = conf["loader"]
    fit_dl = DataLoader(fit, ld["batch"], sampler=draw, num_workers=ld["workers"], drop_last=True)
    val_dl = DataLoader(val, ld["batch"], num_workers=ld["workers"])
    return fit_dl, val_dl, fixed.classes
