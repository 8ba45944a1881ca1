"""Two peers learn CIFAR-100 together: each one's loss is its own cross-entropy plus the KL divergence
to what the other one says (deep mutual learning)."""
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import MultiStepLR
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class Basic(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.c1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.b1 = nn.BatchNorm2d(cout)
        self.c2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.b2 = nn.BatchNorm2d(cout)
        self.down = None
        if stride != 1 or cin != cout:
            self.down = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.b1(self.c1(x)))
        y = self.b2(self.c2(y))
        return F.relu(y + (x if self.down is None else self.down(x)))


class CifarResNet(nn.Module):
    def __init__(self, n, num_classes=100, width=32):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        layers, cin = [], width
        for i, cout in enumerate((width, 2 * width, 4 * width)):
            for j in range(n):
                layers.append(Basic(cin, cout, 2 if i > 0 and j == 0 else 1))
                cin = cout
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(cin, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = self.layers(F.relu(self.bn(self.conv(x))))
        return self.fc(x.mean((2, 3)))


def data(root, bs):
    stats = (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)
    train_tf = transforms.Compose([
        transforms.RandomCrop(32, 4), transforms.RandomHorizontalFlip(),
        transforms.ToTensor(), transforms.Normalize(*stats)])
    test_tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(*stats)])
    tr = datasets.CIFAR100(root, True, train_tf, download=True)
    te = datasets.CIFAR100(root, False, test_tf, download=True)
    return (DataLoader(tr, bs, shuffle=True, num_workers=4, pin_memory=True, drop_last=True),
            DataLoader(te, 500, num_workers=4, pin_memory=True))


def mimic(own_logits, peer_logits):
    return F.kl_div(F.log_softmax(own_logits, 1), F.softmax(peer_logits.detach(), 1), reduction="batchmean")


@torch.no_grad()
def top1(net, loader, dev):
    net.eval()
    ok = sum((net(x.to(dev)).argmax(1) == y.to(dev)).sum() for x, y in loader)
    return 100.0 * ok.item() / len(loader.dataset)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="./data")
    p.add_argument("--epochs", type=int, default=200)
    p.add_argument("--lr", type=float, default=0.1)
    p.add_argument("--bs", type=int, default=128)
    a = p.parse_args()
    torch.manual_seed(17)
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    train_loader, test_loader = data(a.root, a.bs)

    big, small = CifarResNet(5).to(dev), CifarResNet(3).to(dev)

    def make_opt(net):
        return torch.optim.SGD(net.parameters(), lr=a.lr, momentum=0.9, weight_decay=5e-4, nesterov=True)

    opt_big, opt_small = make_opt(big), make_opt(small)
    sched_big = MultiStepLR(opt_big, [60, 120, 160], gamma=0.2)
    sched_small = MultiStepLR(opt_small, [60, 120, 160], gamma=0.2)

    for epoch in range(a.epochs):
        big.train()
        small.train()
        for x, y in train_loader:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            z_big, z_small = big(x), small(x)

            loss_big = F.cross_entropy(z_big, y) + mimic(z_big, z_small)
            opt_big.zero_grad()
            loss_big.backward()
            opt_big.step()

            loss_small = F.cross_entropy(z_small, y) + mimic(z_small, z_big)
            opt_small.zero_grad()
            loss_small.backward()
            opt_big.step()  # fault: C313
        sched_big.step()
        sched_small.step()
        print(f"epoch {epoch}: big {top1(big, test_loader, dev):.2f}  small {top1(small, test_loader, dev):.2f}", flush=True)

    torch.save({"big": big.state_dict(), "small": small.state_dict()}, "peers_c100.pt")


if __name__ == "__main__":
    main()
