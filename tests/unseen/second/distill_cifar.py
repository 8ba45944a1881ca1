# Sound.
"""Knowledge distillation, CIFAR-10: wide ResNet-18 teacher -> slim depthwise student.

    python distill_cifar.py --teacher ckpt/r18_cifar.pth
"""
import argparse

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as T
from torch.utils.data import DataLoader, Subset

CIFAR_MEAN = (0.4914, 0.4822, 0.4465)
CIFAR_STD = (0.2470, 0.2435, 0.2616)


def get_args():
    ap = argparse.ArgumentParser()
    ap.add_argument("--teacher", type=str, required=True)
    ap.add_argument("--data", type=str, default="./data")
    ap.add_argument("--epochs", type=int, default=100)
    ap.add_argument("--bs", type=int, default=128)
    ap.add_argument("--max-lr", type=float, default=0.1)
    ap.add_argument("--temp", type=float, default=4.0)
    ap.add_argument("--alpha", type=float, default=0.7, help="share of the soft loss")
    return ap.parse_args()


def loaders(root, bs):
    tf_train = T.Compose([
        T.RandomCrop(32, padding=4, padding_mode="reflect"),
        T.RandomHorizontalFlip(),
        T.ToTensor(),
        T.Normalize(CIFAR_MEAN, CIFAR_STD),
    ])
    tf_eval = T.Compose([T.ToTensor(), T.Normalize(CIFAR_MEAN, CIFAR_STD)])
    # the same 50k files twice: one view augments, the other does not
    noisy = torchvision.datasets.CIFAR10(root, train=True, download=True, transform=tf_train)
    clean = torchvision.datasets.CIFAR10(root, train=True, download=True, transform=tf_eval)
    test = torchvision.datasets.CIFAR10(root, train=False, download=True, transform=tf_eval)
    idx = np.random.RandomState(123).permutation(50000)
    kw = dict(num_workers=4, pin_memory=True)
    return (
        DataLoader(Subset(noisy, idx[:45000]), bs, shuffle=True, drop_last=True, **kw),
        DataLoader(Subset(clean, idx[45000:]), 512, **kw),
        DataLoader(test, 512, **kw),
    )


def cifar_resnet18():
    net = torchvision.models.resnet18(num_classes=10)
    net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    net.maxpool = nn.Identity()
    return net


def load_teacher(path, device):
    net = cifar_resnet18()
    net.load_state_dict(torch.load(path, map_location="cpu"))
    for p in net.parameters():
        p.requires_grad_(False)
    return net.to(device).eval()


def dw(i, o, s):
    return nn.Sequential(
        nn.Conv2d(i, i, 3, s, 1, groups=i, bias=False), nn.BatchNorm2d(i), nn.ReLU(True),
        nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(True),
    )


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(True),
            dw(32, 64, 1), dw(64, 128, 2), dw(128, 128, 1), dw(128, 256, 2), dw(256, 256, 1),
        )
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))


def kd_loss(s, t, y, temp, alpha):
    soft = F.kl_div(
        F.log_softmax(s / temp, dim=1), F.softmax(t / temp, dim=1), reduction="batchmean"
    ) * temp * temp
    hard = F.cross_entropy(s, y)
    return alpha * soft + (1 - alpha) * hard


@torch.inference_mode()
def accuracy(net, loader, device):
    net.eval()
    hit = sum((net(x.to(device)).argmax(1).cpu() == y).sum().item() for x, y in loader)
    return hit / len(loader.dataset)


def main():
    a = get_args()
    torch.manual_seed(123)
    device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    train, val, test = loaders(a.data, a.bs)
    teacher = load_teacher(a.teacher, device)
    student = Student().to(device)
    print("teacher", accuracy(teacher, val, device))

    opt = torch.optim.SGD(student.parameters(), lr=a.max_lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
    sched = torch.optim.lr_scheduler.OneCycleLR(
        opt, max_lr=a.max_lr, epochs=a.epochs, steps_per_epoch=len(train)
    )

    for ep in range(a.epochs):
        student.train()
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.no_grad():
                guide = teacher(x)
            loss = kd_loss(student(x), guide, y, a.temp, a.alpha)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()          # OneCycle counts batches
        print(ep, round(accuracy(student, val, device), 4))

    print("test", accuracy(student, test, device))
    torch.save(student.state_dict(), "student.pth")


if __name__ == "__main__":
    main()
