"""Two stages: first the new head on a trunk that stands still, then the end of the trunk as well."""
import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

from backbone import ResMini


def build(weights, classes):
    net = ResMini(10)
    net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True)["model"])
    net.head = nn.Linear(net.head.in_features, classes)
    return net


def stage_one(net):
    net.requires_grad_(False)
    net.head.requires_grad_(True)


def stage_two(net, layers=3):
    for block in list(net.trunk)[-layers:]:
        block.requires_grad_(True)


def training_mode(net):
    """train(), but normalisation keeps the statistics of the file throughout"""
    net.train()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()


def learn(net, loader, optimizers, criterion):
    training_mode(net)
    total = 0.0
    for x, y in loader:
        loss = criterion(net(x), y)
        for o in optimizers:
            o.zero_grad()
        loss.backward()
        for o in optimizers:
            o.step()
        total += loss.item() * len(y)
    return total / len(loader.dataset)


@torch.no_grad()
def test(net, loader):
    net.eval()
    return sum(net(x).argmax(1).eq(y).sum().item() for x, y in loader) / len(loader.dataset)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="mammals")
    ap.add_argument("--weights", default="weights/resmini_c10.pt")
    ap.add_argument("--head-epochs", type=int, default=10)
    ap.add_argument("--epochs", type=int, default=40)
    a = ap.parse_args()
    torch.manual_seed(12)
    tail = [T.ToTensor(), T.Normalize([0.5] * 3, [0.25] * 3)]       # as the file was trained
    train_set = ImageFolder(a.root + "/train", T.Compose([T.RandomHorizontalFlip(), T.RandomCrop(32, 3, padding_mode="reflect")] + tail))
    test_set = ImageFolder(a.root + "/test", T.Compose(tail))
    train, held = DataLoader(train_set, 30, shuffle=True), DataLoader(test_set, 70)
    net = build(a.weights, len(train_set.classes))
    criterion = nn.CrossEntropyLoss()

    stage_one(net)
    head = torch.optim.Adam(net.head.parameters(), lr=3e-3)
    optimizers, decays = [head], []
    for epoch in range(a.epochs):
        if epoch == a.head_epochs:
            stage_two(net)
            trunk = torch.optim.SGD([p for p in net.trunk.parameters() if p.requires_grad], lr=2e-3, momentum=0.9, weight_decay=1e-4)
            optimizers = [head, trunk]
            decays = [torch.optim.lr_scheduler.CosineAnnealingLR(o, a.epochs - epoch) for o in optimizers]
        loss = learn(net, train, optimizers, criterion)
        for d in decays:
            d.step()
        moving = sum(p.numel() for p in net.parameters() if p.requires_grad)
        print(f"stage {1 + (epoch >= a.head_epochs)} epoch {epoch} moving {moving} loss {loss:.3f} test {test(net, held):.3f}", flush=True)
