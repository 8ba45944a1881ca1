# Sound.
"""Knowledge distillation: ResNet-50 (already trained on our 200 birds) -> MobileNetV3-Small."""
import argparse
import os

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import models
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

NUM = 200


def transforms_for(train: bool):
    steps = [v2.ToImage()]
    if train:
        steps += [v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip()]
    else:
        steps += [v2.Resize(256, antialias=True), v2.CenterCrop(224)]
    steps += [
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
    return v2.Compose(steps)


def load_teacher(path, device):
    net = models.resnet50(weights=None)      # every tensor comes from the file
    net.fc = nn.Linear(2048, NUM)
    blob = torch.load(path, map_location="cpu")
    net.load_state_dict(blob["state_dict"])
    net.requires_grad_(False)
    return net.to(device).eval()


def build_student(device):
    net = models.mobilenet_v3_small(weights=models.MobileNet_V3_Small_Weights.IMAGENET1K_V1)
    net.classifier[3] = nn.Linear(net.classifier[3].in_features, NUM)
    return net.to(device)


def kd(student_logits, teacher_logits, T):
    p = F.log_softmax(student_logits / T, dim=1)
    q = F.softmax(teacher_logits / T, dim=1)
    return F.kl_div(p, q, reduction="batchmean") * T * T


@torch.no_grad()
def evaluate(net, loader, device):
    was = net.training
    net.eval()
    ok = sum((net(x.to(device)).argmax(1).cpu() == y).sum().item() for x, y in loader)
    net.train(was)
    return ok / len(loader.dataset)


def main(a):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tr = ImageFolder(os.path.join(a.root, "train"), transforms_for(True))
    te = ImageFolder(os.path.join(a.root, "test"), transforms_for(False))
    tr = DataLoader(tr, a.batch, shuffle=True, num_workers=8, drop_last=True)
    te = DataLoader(te, 128, num_workers=8)

    teacher = load_teacher(a.teacher, device)
    student = build_student(device)
    print("teacher: %.4f" % evaluate(teacher, te, device))

    opt = optim.AdamW(student.parameters(), lr=a.lr, weight_decay=1e-2)
    sched = optim.lr_scheduler.CosineAnnealingLR(opt, a.epochs)

    for ep in range(a.epochs):
        student.train()
        for x, y in tr:
            x, y = x.to(device), y.to(device)
            with torch.no_grad():
                t = teacher(x)
            s = student(x)
            loss = a.alpha * kd(s, t, a.T) + (1 - a.alpha) * F.cross_entropy(s, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        print(ep, "%.4f" % evaluate(student, te, device))
    torch.save(student.state_dict(), "student.pt")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("root")
    ap.add_argument("--teacher", default="teacher_r50_cub.pth.tar")
    ap.add_argument("--batch", type=int, default=96)
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--lr", type=float, default=5e-4)
    ap.add_argument("--T", type=float, default=4.0)
    ap.add_argument("--alpha", type=float, default=0.7)
    main(ap.parse_args())
