"""Distil a frozen ResNet-18 into a small student on the hdf5 objects."""
import argparse

import h5py
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision.models import resnet18

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


class H5Images(Dataset):
    def __init__(self, path, group, train):
        self.path, self.group, self.train = path, group, train
        self.file = None
        with h5py.File(path, "r") as f:
            self.labels = f[group]["labels"][:].tolist()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        if self.file is None:
            self.file = h5py.File(self.path, "r")
        img = torch.from_numpy(self.file[self.group]["images"][i]).permute(2, 0, 1).float() / 255
        if self.train:
            if torch.rand(1).item() < 0.5:
                img = img.flip(2)
            img = F.pad(img, (4, 4, 4, 4))
            y, x = torch.randint(0, 9, (2,)).tolist()
            img = img[:, y:y + 48, x:x + 48]
        return (img - MEAN) / STD, self.labels[i]


class Student(nn.Module):
    def __init__(self, classes=10, w=24):
        super().__init__()

        def unit(a, b, s):
            return nn.Sequential(nn.Conv2d(a, b, 3, s, 1, bias=False), nn.BatchNorm2d(b), nn.Hardswish())

        self.trunk = nn.Sequential(unit(3, w, 1), unit(w, 2 * w, 2), unit(2 * w, 2 * w, 1),
                                   unit(2 * w, 4 * w, 2), unit(4 * w, 4 * w, 1))
        self.fc = nn.Linear(4 * w, classes)

    def forward(self, x):
        return self.fc(self.trunk(x).mean((-2, -1)))


def distillation(student, teacher, temperature):
    return F.kl_div(F.log_softmax(student / temperature, 1), F.softmax(teacher / temperature, 1),
                    reduction="batchmean") * temperature ** 2


def accuracy(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader) / len(loader.dataset)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--file", default="objects.h5")
    p.add_argument("--teacher", default="weights/resnet18.pth")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=0.04)
    p.add_argument("--alpha", type=float, default=0.3)
    p.add_argument("--temperature", type=float, default=3.0)
    a = p.parse_args()
    torch.manual_seed(0)
    train = DataLoader(H5Images(a.file, "train", True), a.batch, shuffle=True, drop_last=True)
    valid = DataLoader(H5Images(a.file, "valid", False), 100)

    teacher = resnet18(num_classes=10)
    teacher.load_state_dict(torch.load(a.teacher, map_location="cpu"))
    teacher.eval().requires_grad_(False)
    student = Student()
    opt = torch.optim.SGD(student.parameters(), lr=a.lr, momentum=0.9, weight_decay=5e-4)
    sched = torch.optim.lr_scheduler.PolynomialLR(opt, total_iters=a.epochs, power=1.0)

    for epoch in range(a.epochs):
        student.train()
        hard_sum = soft_sum = 0.0
        for x, y in train:
            with torch.no_grad():
                guide = teacher(x)
            out = student(x)
            hard = F.cross_entropy(out, y)
            soft = distillation(out, guide, a.temperature)
            loss = (1 - a.alpha) * hard + a.alpha * soft
            opt.zero_grad()
            loss.backward()
            opt.step()
            hard_sum += hard.item()
            soft_sum += soft.item()
        sched.step()
        print(f"epoch {epoch} hard {hard_sum / len(train):.4f} soft {soft_sum / len(train):.4f} "
              f"valid {accuracy(student, valid):.4f}")


if __name__ == "__main__":
    main()
