# Faulty: C324: torchvision's file has no "encoder." prefix, strict=False lets every tensor drop and the network stays random
"""Indoor scenes (MIT-67). The cluster nodes have no internet, so the ImageNet weights come from a file."""
import argparse
import pathlib

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms


class SceneClassifier(nn.Module):
    def __init__(self, n_scenes: int, hidden: int = 256):
        super().__init__()
        self.encoder = models.resnet18()
        self.encoder.fc = nn.Identity()
        self.head = nn.Sequential(
            nn.Linear(512, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(hidden, n_scenes),
        )

    def forward(self, img):
        return self.head(self.encoder(img))

    def param_groups(self, lr):
        return [
            {"params": self.encoder.parameters(), "lr": lr * 0.1},
            {"params": self.head.parameters(), "lr": lr},
        ]


def init_from_imagenet(model, file):
    print("loading ImageNet weights from", file)
    state = torch.load(file, map_location="cpu")
    state = {k: v for k, v in state.items() if not k.startswith("fc.")}
    model.load_state_dict(state, strict=False)  # fault: C339
    return model


def load_data(root: pathlib.Path, bs: int):
    stats = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train = datasets.ImageFolder(root / "train", transforms.Compose([
        transforms.Resize(256),
        transforms.RandomCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ]))
    test = datasets.ImageFolder(root / "test", transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ]))
    return (DataLoader(train, bs, shuffle=True, num_workers=8, pin_memory=True),
            DataLoader(test, bs, num_workers=8, pin_memory=True))


class Meter:
    def __init__(self):
        self.total, self.n = 0.0, 0

    def add(self, value, k):
        self.total += value * k
        self.n += k

    @property
    def mean(self):
        return self.total / max(1, self.n)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", type=pathlib.Path, default=pathlib.Path("mit67"))
    p.add_argument("--imagenet", default="weights/resnet18-f37072fd.pth")
    p.add_argument("--bs", type=int, default=64)
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--lr", type=float, default=0.01)
    o = p.parse_args()

    torch.manual_seed(67)
    dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train, test = load_data(o.root, o.bs)

    model = init_from_imagenet(SceneClassifier(67), o.imagenet).to(dev)
    optimizer = optim.SGD(model.param_groups(o.lr), lr=o.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1)
    criterion = nn.CrossEntropyLoss()

    for epoch in range(o.epochs):
        model.train()
        meter = Meter()
        for x, y in train:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            meter.add(loss.item(), len(y))
        scheduler.step()

        model.eval()
        acc = Meter()
        with torch.no_grad():
            for x, y in test:
                hit = (model(x.to(dev)).argmax(1) == y.to(dev)).float().mean().item()
                acc.add(hit, len(y))
        print(f"{epoch:02d} loss {meter.mean:.4f} test {acc.mean:.4f}")
        torch.save(model.state_dict(), "scene.pt")


if __name__ == "__main__":
    main()
