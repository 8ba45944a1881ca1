import os
import pickle
import sys

import numpy as np
import torch
import torch.nn as nn
import yaml
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from net import StagedNet

HERE = os.path.dirname(os.path.abspath(__file__))


class Batches(Dataset):
    def __init__(self, folder, names, transform):
        data, labels = [], []
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                entry = pickle.load(f)
            data.append(entry["data"])
            labels += entry["labels"]
        # planes in the files, PIL wants channels last
        self.data = np.concatenate(data).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.transform(np.ascontiguousarray(self.data[i])), self.labels[i]


def main(cfg):
    torch.manual_seed(cfg["seed"])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    norm = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
    tf_train = transforms.Compose([transforms.ToPILImage(), transforms.RandomCrop(32, padding=4),
                                   transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
    tf_test = transforms.Compose([transforms.ToTensor(), norm])
    train = Batches(cfg["data"], [f"data_batch_{i}" for i in range(1, 6)], tf_train)
    test = Batches(cfg["data"], ["test_batch"], tf_test)
    train_loader = DataLoader(train, cfg["batch_size"], shuffle=True, drop_last=True)
    test_loader = DataLoader(test, 100)

    model = StagedNet(**cfg["model"]).to(device)
    print("parameters: %.2fk" % (sum(p.numel() for p in model.parameters()) / 1e3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), **cfg["optimizer"])
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=cfg["epochs"])

    for epoch in range(cfg["epochs"]):
        model.train()
        for it, (x, y) in enumerate(train_loader):
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            if it % 10 == 0:
                print(f"{epoch}:{it} loss {loss.item():.4f}")
        scheduler.step()
        model.eval()
        correct = 0
        with torch.no_grad():
            for x, y in test_loader:
                correct += (model(x.to(device)).argmax(1).cpu() == y).sum().item()
        print(f"epoch {epoch} test accuracy {100 * correct / len(test):.2f}%")


if __name__ == "__main__":
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "config.yaml")
    with open(path) as f:
        main(yaml.safe_load(f))
