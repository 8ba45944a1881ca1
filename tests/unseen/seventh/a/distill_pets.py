"""Oxford-IIIT Pet: first a big network is tuned, then it teaches a small one (soft targets).

Augmentation is done on the GPU with kornia, the loader only resizes.
"""
import copy
import logging

import kornia.augmentation as K
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.model_selection import StratifiedShuffleSplit
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import OxfordIIITPet
from torchvision.models import get_model
from torchvision.transforms import Compose, Resize, ToTensor

logging.basicConfig(format="%(message)s", level=logging.INFO)
say = logging.info

CLASSES = 37
BATCH = 64
T = 4.0
ALPHA = 0.7
device = torch.device("cuda")

MEAN = torch.tensor([0.485, 0.456, 0.406])
STD = torch.tensor([0.229, 0.224, 0.225])
gpu_train = nn.Sequential(
    K.RandomResizedCrop((224, 224), scale=(0.4, 1.0)),
    K.RandomHorizontalFlip(p=0.5),
    K.ColorJitter(0.2, 0.2, 0.2, 0.05, p=0.8),
    K.Normalize(mean=MEAN, std=STD),
).to(device)
gpu_plain = nn.Sequential(
    K.CenterCrop((224, 224)),
    K.Normalize(mean=MEAN, std=STD),
).to(device)


def loaders(root, seed):
    shrink = Compose([Resize((256, 256)), ToTensor()])
    trainval = OxfordIIITPet(root, split="trainval", transform=shrink, download=True)
    test = OxfordIIITPet(root, split="test", transform=shrink, download=True)
    labels = np.array(trainval._labels)
    cut = StratifiedShuffleSplit(n_splits=1, test_size=0.15, random_state=seed)
    i, j = next(cut.split(np.zeros(len(labels)), labels))
    opts = dict(batch_size=BATCH, num_workers=8, pin_memory=True)
    return (DataLoader(Subset(trainval, i.tolist()), shuffle=True, drop_last=True, **opts),
            DataLoader(Subset(trainval, j.tolist()), **opts),
            DataLoader(test, **opts))


def new_net(name):
    net = get_model(name, weights="IMAGENET1K_V1")
    net.fc = nn.Linear(net.fc.in_features, CLASSES)
    return net.to(device)


@torch.no_grad()
def accuracy(net, dl):
    net.eval()
    ok, n = 0, 0
    for x, y in dl:
        ok += (net(gpu_plain(x.to(device))).argmax(1) == y.to(device)).sum().item()
        n += len(y)
    return ok / n


def fit(net, objective, train, val, epochs, lr):
    sgd = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9, weight_decay=1e-4)
    lrs = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, epochs)
    best, keep = -1.0, None
    for e in range(epochs):
        net.train()
        for x, y in train:
            with torch.no_grad():
                x = gpu_train(x.to(device, non_blocking=True))
            y = y.to(device, non_blocking=True)
            sgd.zero_grad()
            loss = objective(net(x), x, y)
            loss.backward()
            sgd.step()
        lrs.step()
        a = accuracy(net, val)
        say("  %2d  last loss %.3f  val %.4f", e, loss.item(), a)
        if a > best:
            best, keep = a, copy.deepcopy(net.state_dict())
    net.load_state_dict(keep)
    return net


def main():
    torch.manual_seed(5)
    train, val, test = loaders("data", seed=5)

    say("teacher")
    teacher = fit(new_net("resnet101"), lambda z, x, y: F.cross_entropy(z, y), train, val, epochs=15, lr=0.005)
    teacher.eval().requires_grad_(False)

    def distil(z, x, y):
        with torch.no_grad():
            soft = F.softmax(teacher(x) / T, dim=1)
        kd = F.kl_div(F.log_softmax(z / T, dim=1), soft, reduction="batchmean") * T * T
        return ALPHA * kd + (1 - ALPHA) * F.cross_entropy(z, y)

    say("student")
    student = fit(new_net("resnet18"), distil, train, val, epochs=40, lr=0.01)
    torch.save(student.state_dict(), "pets_student.pt")
    say("test: teacher %.4f  student %.4f", accuracy(teacher, test), accuracy(student, test))


if __name__ == "__main__":
    main()
