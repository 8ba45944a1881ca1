"""Knowledge distillation: a ResNet-34 teacher (already trained on our classes, see teacher.pth) and a small student."""
import argparse
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from torchvision.models import resnet34, shufflenet_v2_x1_0


class Distiller:
    def __init__(self, teacher, student, device, T=4.0, alpha=0.7):
        self.teacher = teacher.to(device).eval()
        for p in self.teacher.parameters():
            p.requires_grad = False
        self.student = student.to(device)
        self.device, self.T, self.alpha = device, T, alpha

    def loss(self, x, y):
        with torch.no_grad():
            soft = F.softmax(self.teacher(x) / self.T, dim=1)
        logits = self.student(x)
        kd = F.kl_div(F.log_softmax(logits / self.T, dim=1), soft, reduction="batchmean") * self.T ** 2
        ce = F.cross_entropy(logits, y)
        return self.alpha * kd + (1 - self.alpha) * ce

    def epoch(self, loader, optimizer):
        self.student.train()
        total = 0.0
        for x, y in loader:
            x, y = x.to(self.device), y.to(self.device)
            loss = self.loss(x, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total / len(loader)

    @torch.no_grad()
    def accuracy(self, net, loader):
        net.eval()
        hit = sum((net(x.to(self.device)).argmax(1).cpu() == y).sum().item() for x, y in loader)
        return hit / len(loader.dataset)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="photos")
    p.add_argument("--teacher", default="weights/teacher_r34_photos.pth")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=0.05)
    p.add_argument("--temperature", type=float, default=4.0)
    p.add_argument("--alpha", type=float, default=0.7)
    args = p.parse_args()

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_set = datasets.ImageFolder(os.path.join(args.data, "train"), transforms.Compose([
        transforms.RandomResizedCrop(64, scale=(0.5, 1.0)), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm]))
    val_set = datasets.ImageFolder(os.path.join(args.data, "val"), transforms.Compose([
        transforms.Resize(72), transforms.CenterCrop(64), transforms.ToTensor(), norm]))
    train_loader = DataLoader(train_set, args.batch, shuffle=True, num_workers=2, drop_last=True)
    val_loader = DataLoader(val_set, args.batch, num_workers=2)
    n = len(train_set.classes)

    teacher = resnet34(weights=None, num_classes=n)
    teacher.load_state_dict(torch.load(args.teacher, map_location="cpu"))
    student = shufflenet_v2_x1_0(weights=None, num_classes=n)
    d = Distiller(teacher, student, device, args.temperature, args.alpha)
    print(f"teacher accuracy {d.accuracy(d.teacher, val_loader):.4f}")

    opt = torch.optim.SGD(student.parameters(), lr=args.lr, momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)
    for epoch in range(args.epochs):
        loss = d.epoch(train_loader, opt)
        sched.step()
        print(f"epoch {epoch + 1}/{args.epochs} loss {loss:.4f} student {d.accuracy(d.student, val_loader):.4f}")
    torch.save(student.state_dict(), "student_shufflenet.pth")


if __name__ == "__main__":
    main()
