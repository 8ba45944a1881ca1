# -*- coding: utf-8 -*-
# Дистилляция: учитель ResNet-50 (уже обучен на Imagewoof), ученик ResNet-18
import argparse
import os
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder

NUM_CLASSES = 10


def set_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class DistillLoss(nn.Module):
    def __init__(self, T=4.0, alpha=0.7):
        super().__init__()
        self.T, self.alpha = T, alpha

    def forward(self, student, teacher, target):
        hard = F.cross_entropy(student, target)
        soft = F.kl_div(
            F.log_softmax(student / self.T, dim=1),
            F.softmax(teacher / self.T, dim=1),
            reduction="batchmean",
        ) * self.T ** 2
        return self.alpha * soft + (1 - self.alpha) * hard


def load_teacher(path, device):
    teacher = models.resnet50(weights=None)
    teacher.fc = nn.Linear(teacher.fc.in_features, NUM_CLASSES)
    state = torch.load(path, map_location="cpu")
    teacher.load_state_dict(state["model"])   # строгая загрузка: все ключи должны совпасть
    for p in teacher.parameters():
        p.requires_grad_(False)
    return teacher.to(device).eval()


def make_student(device):
    student = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
    student.fc = nn.Linear(student.fc.in_features, NUM_CLASSES)
    return student.to(device)


def make_loaders(root, batch_size):
    norm = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    train_tf = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.35, 1)),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        norm,
    ])
    val_tf = transforms.Compose([
        transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm,
    ])
    train = ImageFolder(os.path.join(root, "train"), train_tf)
    val = ImageFolder(os.path.join(root, "val"), val_tf)
    assert train.classes == val.classes and len(train.classes) == NUM_CLASSES
    return (
        DataLoader(train, batch_size=batch_size, shuffle=True, drop_last=True, num_workers=8, pin_memory=True),
        DataLoader(val, batch_size=batch_size, shuffle=False, num_workers=8, pin_memory=True),
    )


def validate(net, loader, device):
    was_training = net.training
    net.eval()
    right = torch.zeros((), device=device)
    with torch.no_grad():
        for x, y in loader:
            right += (net(x.to(device)).argmax(dim=1) == y.to(device)).sum()
    net.train(was_training)
    return right.item() / len(loader.dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="imagewoof2-320")
    ap.add_argument("--teacher", default="teacher_r50_woof.pt")
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--batch-size", type=int, default=64)
    ap.add_argument("--lr", type=float, default=0.01)
    ap.add_argument("--T", type=float, default=4.0)
    ap.add_argument("--alpha", type=float, default=0.7)
    args = ap.parse_args()

    set_seed(2021)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader, val_loader = make_loaders(args.root, args.batch_size)

    teacher = load_teacher(args.teacher, device)
    student = make_student(device)
    print("точность учителя: %.4f" % validate(teacher, val_loader, device))

    criterion = DistillLoss(args.T, args.alpha)
    optimizer = SGD(student.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4)
    scheduler = CosineAnnealingLR(optimizer, T_max=args.epochs)

    for epoch in range(1, args.epochs + 1):
        student.train()
        total = torch.zeros((), device=device)
        for x, y in train_loader:
            x = x.to(device, non_blocking=True)
            y = y.to(device, non_blocking=True)
            with torch.no_grad():
                t_logits = teacher(x)
            s_logits = student(x)
            loss = criterion(s_logits, t_logits, y)

            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        scheduler.step()
        print("эпоха %d: loss %.4f, ученик %.4f" % (
            epoch, total.item() / len(train_loader), validate(student, val_loader, device)))

    torch.save({"model": student.state_dict()}, "student_r18_woof.pt")


if __name__ == "__main__":
    main()
