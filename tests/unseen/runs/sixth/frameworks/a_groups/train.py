"""Fine-tune a ResNet-18 with Accelerate: a small rate for the body, a larger one for the classifier."""
import os

import pandas as pd
import torch
import torchvision
import yaml
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "settings.yaml")) as f:
    cfg = yaml.safe_load(f)

NORM = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
TRAIN = T.Compose([T.RandomAffine(8, (0.05, 0.05), fill=255), T.RandomHorizontalFlip(), T.ToTensor(), NORM])
VALID = T.Compose([T.ToTensor(), NORM])


class Stamps(Dataset):
    def __init__(self, table, groups, transform):
        self.files = table["file"].tolist()
        self.y = [groups.index(g) for g in table["group"]]
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        im = Image.open(os.path.join(cfg["images"], self.files[i])).convert("RGB")
        return self.transform(im), self.y[i]


def build(classes):
    model = torchvision.models.resnet18(weights=None, num_classes=10)
    model.load_state_dict(torch.load(cfg["weights"], map_location="cpu"))
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


def parameter_groups(model):
    head, body = [], []
    for name, p in model.named_parameters():
        if name.startswith("classifier"):
            head.append(p)
        elif not name.startswith("fc"):
            body.append(p)
    return [{"params": body, "lr": cfg["lr_body"]}, {"params": head, "lr": cfg["lr_head"]}]


@torch.no_grad()
def evaluate(accelerator, model, loader):
    model.eval()
    right = n = 0
    for x, y in loader:
        p, y = accelerator.gather_for_metrics((model(x).argmax(-1), y))
        right, n = right + (p == y).sum().item(), n + y.numel()
    return right / n


def main():
    set_seed(cfg["seed"])
    accelerator = Accelerator(cpu=True)
    table = pd.read_csv(cfg["table"])
    groups = sorted(table["group"].unique())
    held = table["fold"] == cfg["fold"]
    train = DataLoader(Stamps(table[~held], groups, TRAIN), cfg["batch_size"], shuffle=True, drop_last=True)
    valid = DataLoader(Stamps(table[held], groups, VALID), 64)
    model = build(len(groups))
    optimizer = torch.optim.SGD(parameter_groups(model), lr=cfg["lr_body"], momentum=0.9, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, cfg["epochs"])
    criterion = nn.CrossEntropyLoss()
    model, optimizer, train, valid = accelerator.prepare(model, optimizer, train, valid)
    for epoch in range(cfg["epochs"]):
        model.train()
        for step, (x, y) in enumerate(train):
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            if step % 5 == 0:
                accelerator.print(f"{epoch}:{step} {loss.item():.3f}", flush=True)
        scheduler.step()
        accelerator.print(f"epoch {epoch} validation {evaluate(accelerator, model, valid):.3f}", flush=True)


if __name__ == "__main__":
    main()
