"""Fine-tunes a trunk on a short list of pictures."""
import os
import sys

import torch
import yaml
from torch.utils.data import DataLoader, Dataset
from torchvision.io import ImageReadMode, read_image

from resmini import from_file, new_head

CONFIG = yaml.safe_load("""
root: lists
weights: weights/resmini_c10.pt
classes: 10
epochs: 30
batch: 30
lr: {head: 0.002, trunk: 0.0003}
hidden: 64
""")
for a in sys.argv[1:]:
    k, v = a.lstrip("-").split("=")
    CONFIG[k] = yaml.safe_load(v)


class Listed(Dataset):
    def __init__(self, root, name, train):
        self.root, self.train = root, train
        with open(os.path.join(root, name)) as f:
            self.rows = [line.split() for line in f if line.strip()]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        name, label = self.rows[i]
        x = read_image(os.path.join(self.root, name), ImageReadMode.RGB).float().div(255).sub(0.5).div(0.25)
        if self.train and torch.rand(1).item() < 0.5:
            x = x.flip(-1)
        return x, int(label)


def score(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader) / len(loader.dataset)


def main(c):
    torch.manual_seed(21)
    train = DataLoader(Listed(c["root"], "train.txt", True), c["batch"], shuffle=True)
    val = DataLoader(Listed(c["root"], "val.txt", False), 100)
    model = new_head(from_file(c["weights"]), c["classes"], c["hidden"])
    opt = torch.optim.AdamW([
        {"params": model.head.parameters(), "lr": c["lr"]["head"]},
        {"params": model.trunk.parameters(), "lr": c["lr"]["trunk"]}], weight_decay=1e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, c["epochs"])
    criterion = torch.nn.CrossEntropyLoss()
    for epoch in range(c["epochs"]):
        model.train()
        loss_sum = 0.0
        for x, y in train:
            opt.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            opt.step()
            loss_sum += loss.item() * len(y)
        sched.step()
        print(f"epoch {epoch}: loss {loss_sum / len(train.dataset):.3f}, val {score(model, val):.3f}", flush=True)


main(CONFIG)
