import json
from pathlib import Path

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from model import EmbeddingClassifier

SETTINGS = {"root": "gallery", "epochs": 60, "batch": 32, "lr": 1e-3, "wd": 1e-2, "seed": 4, "holdout": 5}


class Gallery(Dataset):
    def __init__(self, files, names, tf):
        self.files, self.names, self.tf = files, names, tf

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        path = self.files[i]
        with Image.open(path) as im:
            return self.tf(im.convert("RGB")), self.names.index(path.parent.name)


def pipeline(train):
    head = [v2.RandomHorizontalFlip(), v2.RandomResizedCrop(64, scale=(0.6, 1.0), antialias=True),
            v2.ColorJitter(0.2, 0.2, 0.2)] if train else []
    return v2.Compose(head + [v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
                              v2.Normalize([0.5] * 3, [0.25] * 3)])


def main(s):
    torch.manual_seed(s["seed"])
    files = sorted(Path(s["root"]).glob("*/*.jpg"))
    names = sorted({f.parent.name for f in files})
    train_files = [f for i, f in enumerate(files) if i % s["holdout"]]
    val_files = [f for i, f in enumerate(files) if i % s["holdout"] == 0]
    train = DataLoader(Gallery(train_files, names, pipeline(True)), s["batch"], shuffle=True, drop_last=True)
    val = DataLoader(Gallery(val_files, names, pipeline(False)), 80)

    model = EmbeddingClassifier(len(names))
    optim = torch.optim.AdamW(model.parameters(), lr=s["lr"], weight_decay=s["wd"])
    log = []
    for epoch in range(s["epochs"]):
        model.train()
        losses = []
        for x, y in train:
            optim.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optim.step()
            losses.append(loss.item())
        model.eval()
        preds, truth = [], []
        with torch.no_grad():
            for x, y in val:
                preds.append(model(x).argmax(1))
                truth.append(y)
        acc = (torch.cat(preds) == torch.cat(truth)).float().mean().item()
        log.append({"epoch": epoch, "loss": sum(losses) / len(losses), "val_acc": acc})
        print(json.dumps(log[-1]), flush=True)


if __name__ == "__main__":
    main(SETTINGS)
