"""Knowledge distillation on an hdf5 file: a frozen teacher guides a small student."""
import argparse
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
from tqdm import tqdm

from nets import Student, Teacher


@dataclass
class Settings:
    file: str
    teacher: str
    out: Path
    epochs: int = 70
    batch_size: int = 36
    lr: float = 0.08
    weight_decay: float = 3e-4
    temperature: float = 3.0
    alpha: float = 0.5
    seed: int = 0


class H5Pictures(Dataset):
    """Opens the file lazily, so that it also works in worker processes."""

    def __init__(self, file, split, transform):
        self.file, self.handle, self.transform = file, None, transform
        with h5py.File(file, "r") as f:
            self.index = np.flatnonzero(f["split"][:] == split)
            self.labels = f["labels"][:].astype(np.int64)
            self.classes = list(f.attrs["classes"])

    def __len__(self):
        return len(self.index)

    def __getitem__(self, i):
        if self.handle is None:
            self.handle = h5py.File(self.file, "r")
        k = int(self.index[i])
        picture = torch.from_numpy(self.handle["images"][k]).permute(2, 0, 1)
        return self.transform(picture), self.labels[k]


def transforms(train):
    steps = [v2.RandomCrop(32, padding=4, padding_mode="reflect"), v2.RandomHorizontalFlip()] if train else []
    steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.49, 0.48, 0.43], [0.25, 0.24, 0.26])]
    return v2.Compose(steps)


def distillation_loss(student_logits, teacher_logits, target, temperature, alpha):
    hard = F.cross_entropy(student_logits, target)
    soft = F.kl_div(F.log_softmax(student_logits / temperature, dim=1),
                    F.softmax(teacher_logits / temperature, dim=1), reduction="batchmean")
    return (1 - alpha) * hard + alpha * temperature ** 2 * soft


def test(net, loader):
    was_training = net.training
    net.eval()
    loss = hits = n = 0
    with torch.no_grad():
        for x, y in loader:
            logits = net(x)
            loss += F.cross_entropy(logits, y, reduction="sum").item()
            hits += int((logits.argmax(1) == y).sum())
            n += len(y)
    net.train(was_training)
    return loss / n, hits / n


def run(s: Settings):
    torch.manual_seed(s.seed)
    s.out.mkdir(parents=True, exist_ok=True)
    train_set, val_set = H5Pictures(s.file, 0, transforms(True)), H5Pictures(s.file, 1, transforms(False))
    train_loader = DataLoader(train_set, s.batch_size, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, 100)
    classes = len(train_set.classes)

    teacher = Teacher(classes)
    teacher.load_state_dict(torch.load(s.teacher, map_location="cpu")["model"])
    teacher.eval()
    for p in teacher.parameters():
        p.requires_grad = False
    print("teacher: loss %.4f accuracy %.4f" % test(teacher, val_loader))

    student = Student(classes)
    bias = [p for p in student.parameters() if p.ndim == 1]
    weight = [p for p in student.parameters() if p.ndim > 1]
    optimizer = torch.optim.SGD([{"params": weight, "weight_decay": s.weight_decay}, {"params": bias}],
                                lr=s.lr, momentum=0.9, nesterov=True)
    warm = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=3)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, s.epochs - 3, eta_min=1e-4)
    scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, cosine], [3])

    best = 0.0
    for epoch in range(s.epochs):
        student.train()
        total = n = 0
        for x, y in tqdm(train_loader, desc=f"epoch {epoch}", leave=False, mininterval=5):
            with torch.no_grad():
                guide = teacher(x)
            loss = distillation_loss(student(x), guide, y, s.temperature, s.alpha)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            n += len(y)
        scheduler.step()
        val_loss, val_acc = test(student, val_loader)
        print(f"epoch {epoch:3d}  train {total / n:.4f}  val {val_loss:.4f}  accuracy {val_acc:.4f}", flush=True)
        if val_acc > best:
            best = val_acc
            torch.save(student.state_dict(), s.out / "student.pt")
    print(f"best {best:.4f}")


if __name__ == "__main__":
    cli = argparse.ArgumentParser()
    cli.add_argument("--file", default="pictures.h5")
    cli.add_argument("--teacher", default="weights/teacher.pt")
    cli.add_argument("--out", type=Path, default=Path("distilled"))
    cli.add_argument("--epochs", type=int, default=70)
    cli.add_argument("--temperature", type=float, default=3.0)
    cli.add_argument("--alpha", type=float, default=0.5)
    run(Settings(**vars(cli.parse_args())))
