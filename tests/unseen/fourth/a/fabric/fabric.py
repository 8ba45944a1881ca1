"""Fine-tuning for the fabric defects:  python fabric.py [config.yaml]"""
import sys
from pathlib import Path

import torch
import yaml
from torch.nn.functional import cross_entropy

import data
import network


class Meter:
    """Sums on the device, read once an epoch."""

    def __init__(self, device):
        self.loss = torch.zeros((), device=device)
        self.hits = torch.zeros((), device=device)
        self.n = 0

    def add(self, loss, logits, y):
        self.loss += loss.detach() * y.numel()
        self.hits += (logits.detach().argmax(1) == y).sum()
        self.n += y.numel()

    def read(self):
        return self.loss.item() / self.n, self.hits.item() / self.n


def train(net, batches, opt, device):
    net.train()
    meter = Meter(device)
    for x, y in batches:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        logits = net(x)
        loss = cross_entropy(logits, y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        meter.add(loss, logits, y)
    return meter.read()


@torch.no_grad()
def evaluate(net, batches, device):
    net.eval()
    meter = Meter(device)
    for x, y in batches:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        logits = net(x)
        meter.add(cross_entropy(logits, y), logits, y)
    return meter.read()


def main(path):
    cfg = yaml.safe_load(Path(path).read_text())
    torch.manual_seed(cfg["train"]["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_batches = data.loader(cfg["data"], "train")
    val_batches = data.loader(cfg["data"], "val")
    net = network.build(cfg["pretrained"], len(cfg["data"]["classes"])).to(device)

    opt = torch.optim.Adam(net.parameters(), lr=cfg["train"]["lr"], weight_decay=cfg["train"]["weight_decay"])
    epochs = cfg["train"]["epochs"]
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)

    lowest = float("inf")
    for epoch in range(epochs):
        tl, ta = train(net, train_batches, opt, device)
        vl, va = evaluate(net, val_batches, device)
        sched.step()
        print(f"{epoch:2d}  train {tl:.4f} {ta:.3f}  val {vl:.4f} {va:.3f}", flush=True)
        if vl < lowest:
            lowest = vl
            torch.save(net.state_dict(), cfg["output"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "config.yaml")
