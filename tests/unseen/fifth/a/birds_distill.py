"""Student ResNet-18 learns from a ResNet-50 that we fine-tuned last month."""
import argparse

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

N_CLASSES = 200


def loaders(root, bs):
    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    tr = transforms.Compose([transforms.RandomResizedCrop(224, scale=(0.5, 1)), transforms.RandomHorizontalFlip(),
                             transforms.ColorJitter(0.2, 0.2, 0.2), transforms.ToTensor(), norm])
    va = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), norm])
    train = datasets.ImageFolder(f"{root}/train", tr)
    val = datasets.ImageFolder(f"{root}/val", va)
    assert len(train.classes) == N_CLASSES and train.classes == val.classes
    kw = dict(num_workers=8, pin_memory=True)
    return (DataLoader(train, bs, shuffle=True, drop_last=True, **kw),
            DataLoader(val, bs, shuffle=False, **kw))


def load_teacher(path, device):
    teacher = models.resnet50(weights=None)
    teacher.fc = nn.Linear(teacher.fc.in_features, N_CLASSES)
    state = torch.load(path, map_location="cpu")
    teacher.load_state_dict(state["model"])          # strict on purpose
    teacher.requires_grad_(False)
    return teacher.eval().to(device)


def kd_loss(student_logits, teacher_logits, target, T, alpha):
    soft = F.kl_div(F.log_softmax(student_logits / T, dim=1),
                    F.softmax(teacher_logits / T, dim=1), reduction="batchmean") * T * T
    hard = F.cross_entropy(student_logits, target)
    return alpha * soft + (1 - alpha) * hard


@torch.no_grad()
def evaluate(net, loader, device):
    net.eval()
    good, n = torch.zeros((), device=device), 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        good += (net(x).argmax(1) == y).sum()
        n += y.size(0)
    return (good / n).item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("root")
    ap.add_argument("teacher")
    ap.add_argument("--temperature", type=float, default=4.0)
    ap.add_argument("--alpha", type=float, default=0.7)
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--bs", type=int, default=64)
    ap.add_argument("--lr", type=float, default=0.01)
    a = ap.parse_args()

    torch.manual_seed(2024)
    device = torch.device("cuda")
    train, val = loaders(a.root, a.bs)
    teacher = load_teacher(a.teacher, device)
    print(f"teacher on val: {evaluate(teacher, val, device):.4f}")

    student = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)
    student.fc = nn.Linear(student.fc.in_features, N_CLASSES)
    student = student.to(device)

    opt = torch.optim.SGD(student.parameters(), lr=a.lr, momentum=0.9, weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=a.epochs)

    best = 0.0
    for epoch in range(a.epochs):
        student.train()
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.no_grad():
                t = teacher(x)
            loss = kd_loss(student(x), t, y, a.temperature, a.alpha)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        acc = evaluate(student, val, device)
        print(f"{epoch:3d} {acc:.4f}")
        if acc > best:
            best = acc
            torch.save({"model": student.state_dict(), "acc": acc}, "student.pt")


if __name__ == "__main__":
    main()
