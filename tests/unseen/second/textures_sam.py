# Sound.
"""Describable textures with sharpness-aware minimisation written out by hand.

Each batch costs two forward/backward passes: the first finds the uphill direction, the
second gives the gradient that the optimizer really uses (at the shifted point).
"""
import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader
from torchvision.datasets import DTD
from torchvision.models import resnet18
from torchvision.transforms import (
    CenterCrop, Compose, Normalize, RandomHorizontalFlip, RandomResizedCrop, Resize, ToTensor,
)

RHO = 0.05
EPOCHS = 60
STATS = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Uphill:
    """Context: weights are moved by rho along the gradient inside, and are back outside."""

    def __init__(self, net, rho):
        self.params = [p for p in net.parameters() if p.grad is not None]
        self.rho = rho

    @torch.no_grad()
    def __enter__(self):
        norm = torch.stack([p.grad.norm() for p in self.params]).norm()
        self.moves = [p.grad * (self.rho / (norm + 1e-12)) for p in self.params]
        torch._foreach_add_(self.params, self.moves)
        return self

    @torch.no_grad()
    def __exit__(self, *exc):
        torch._foreach_sub_(self.params, self.moves)
        return False


def make_data():
    tr = Compose([RandomResizedCrop(224, scale=(0.4, 1)), RandomHorizontalFlip(), ToTensor(), Normalize(*STATS)])
    te = Compose([Resize(256), CenterCrop(224), ToTensor(), Normalize(*STATS)])
    train = ConcatDataset([DTD("dtd", split=s, transform=tr, download=True) for s in ("train", "val")])
    test = DTD("dtd", split="test", transform=te, download=True)
    return (
        DataLoader(train, batch_size=32, shuffle=True, num_workers=4, drop_last=True),
        DataLoader(test, batch_size=64, num_workers=4),
    )


def main():
    torch.manual_seed(0)
    train, test = make_data()
    net = resnet18(weights="IMAGENET1K_V1")
    net.fc = nn.Linear(net.fc.in_features, 47)
    net = net.to(device)
    loss_fn = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.PolynomialLR(opt, total_iters=EPOCHS, power=1.5)

    for epoch in range(EPOCHS):
        net.train()
        mean_loss = 0.0
        for x, y in train:
            x, y = x.to(device), y.to(device)

            first = loss_fn(net(x), y)
            first.backward()
            with Uphill(net, RHO):
                opt.zero_grad()          # the direction is already stored in .moves
                loss_fn(net(x), y).backward()
            opt.step()                   # weights are back, gradients are those of the shifted point
            opt.zero_grad()
            mean_loss += first.item() / len(train)
        sched.step()
        print(f"epoch {epoch} loss {mean_loss:.4f}")

    net.eval()
    good = 0
    with torch.no_grad():
        for x, y in test:
            good += (net(x.to(device)).argmax(1) == y.to(device)).sum().item()
    print(f"test accuracy {good / len(test.dataset):.4f}")


if __name__ == "__main__":
    main()
