import torch
from torch.utils.data import DataLoader, Subset
from torchvision import transforms as T
from torchvision.datasets import CIFAR100

from registry import DATA


@DATA.register("cifar100")
def cifar100(root: str, batch_size: int, workers: int, holdout: int, seed: int, mean, std):
    train_tf = T.Compose([
        T.RandomCrop(32, padding=4, padding_mode="reflect"),
        T.RandomHorizontalFlip(),
        T.ToTensor(),
        T.Normalize(mean, std),
    ])
    plain_tf = T.Compose([T.ToTensor(), T.Normalize(mean, std)])

    augmented = CIFAR100(root, train=True, download=True, transform=train_tf)
    plain = CIFAR100(root, train=True, download=True, transform=plain_tf)
    test = CIFAR100(root, train=False, download=True, transform=plain_tf)

    order = torch.randperm(len(plain), generator=torch.Generator().manual_seed(seed)).tolist()
    train = Subset(augmented, order[holdout:])
    val = Subset(plain, order[:holdout])

    kw = dict(num_workers=workers, pin_memory=True, persistent_workers=True)
    return {
        "train": DataLoader(train, batch_size, shuffle=True, drop_last=True, **kw),
        "val": DataLoader(val, 500, **kw),
        "test": DataLoader(test, 500, **kw),
    }
