import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torch.utils.data import DataLoader
from torchvision.transforms import v2


class Student(nn.Module):
    def __init__(self, classes=10):
        super().__init__()

        def dw(a, b, s):
            return nn.Sequential(nn.Conv2d(a, a, 3, s, 1, groups=a, bias=False), nn.BatchNorm2d(a), nn.ReLU6(),
                                 nn.Conv2d(a, b, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU6())
        self.net = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6(),
                                 dw(32, 64, 1), dw(64, 96, 2), dw(96, 96, 1), dw(96, 160, 2), dw(160, 160, 1))
        self.fc = nn.Linear(160, classes)

    def forward(self, x):
        return self.fc(self.net(x).mean((2, 3)))


def kd_loss(s, t, y, temperature, alpha):
    soft = F.kl_div(F.log_softmax(s / temperature, 1), F.softmax(t / temperature, 1), reduction="batchmean") * temperature ** 2
    return alpha * soft + (1 - alpha) * F.cross_entropy(s, y)


def fit_teacher(teacher, loader, epochs, lr):
    opt = torch.optim.AdamW(teacher.parameters(), lr=lr)
    for e in range(epochs):
        teacher.train()
        for x, y in loader:
            opt.zero_grad()
            loss = F.cross_entropy(teacher(x), y)
            loss.backward()
            opt.step()
        print(f"teacher {e} {loss.item():.3f}", flush=True)


@torch.no_grad()
def accuracy(net, loader):
    net.eval()
    return sum((net(x).argmax(1) == y).sum().item() for x, y in loader) / len(loader.dataset)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--teacher-epochs", type=int, default=0)
    ap.add_argument("--T", type=float, default=3.0)
    ap.add_argument("--alpha", type=float, default=0.3)
    a = ap.parse_args()
    torch.manual_seed(6)
    tail = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    # the teacher was trained at 32 pixels
    train = torchvision.datasets.ImageFolder("photos/train", v2.Compose([v2.Resize(32), v2.RandomCrop(32, padding=3), v2.RandomHorizontalFlip()] + tail))
    val = torchvision.datasets.ImageFolder("photos/val", v2.Compose([v2.Resize(32)] + tail))
    train_dl = DataLoader(train, 40, shuffle=True, drop_last=True)
    val_dl = DataLoader(val, 100)

    teacher = torchvision.models.resnet18(num_classes=10)
    teacher.load_state_dict(torch.load("weights/resnet18_ten.pth"))
    if a.teacher_epochs:
        fit_teacher(teacher, train_dl, a.teacher_epochs, 3e-4)
    teacher.requires_grad_(False).eval()
    print("teacher", accuracy(teacher, val_dl))

    student = Student()
    opt = torch.optim.AdamW(student.parameters(), lr=2e-3, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, a.epochs * len(train_dl))
    for epoch in range(a.epochs):
        student.train()
        for x, y in train_dl:
            with torch.no_grad():
                t = teacher(x)
            loss = kd_loss(student(x), t, y, a.T, a.alpha)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
        print(f"student {epoch} loss {loss.item():.3f} val {accuracy(student, val_dl):.4f}", flush=True)
