"""Teach a small network with the help of a larger, trained one.

    python distil.py --data signs.h5 --teacher weights/signs_teacher.pt
"""
import argparse
import logging
import time
from contextlib import nullcontext
from pathlib import Path

import h5py
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from models import Student, teacher_net

log = logging.getLogger("distil")
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class H5Pictures(Dataset):
    """Opens the file anew in every worker."""

    def __init__(self, path, group, transform):
        self.path, self.group, self.transform = path, group, transform
        self.file = None
        with h5py.File(path, "r") as h:
            self.labels = h[f"{group}/labels"][:].tolist()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        if self.file is None:
            self.file = h5py.File(self.path, "r")
        img = torch.from_numpy(self.file[f"{self.group}/images"][i]).permute(2, 0, 1)
        return self.transform(img), self.labels[i]


def transforms(train):
    steps = [v2.RandomHorizontalFlip(), v2.RandomCrop(48, padding=5, padding_mode="reflect"),
             v2.ColorJitter(0.2, 0.2, 0.2)] if train else []
    return v2.Compose([*steps, v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)])


def kd_loss(student, teacher, target, temperature, alpha):
    """alpha * soft part (scaled by T^2, as its gradients shrink with it) + (1 - alpha) * hard part."""
    soft = F.kl_div(
        F.log_softmax(student / temperature, dim=1),
        F.log_softmax(teacher / temperature, dim=1),
        reduction="batchmean", log_target=True) * temperature ** 2
    hard = F.cross_entropy(student, target)
    return alpha * soft + (1 - alpha) * hard, soft.detach(), hard.detach()


class Distiller:
    def __init__(self, args):
        self.args = args
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.train_loader = DataLoader(H5Pictures(args.data, "train", transforms(True)), args.batch_size, shuffle=True,
                                       num_workers=args.workers, drop_last=True)
        self.val_loader = DataLoader(H5Pictures(args.data, "val", transforms(False)), 80, num_workers=args.workers)

        saved = torch.load(args.teacher, map_location="cpu", weights_only=True)
        self.classes = saved["classes"]
        self.teacher = teacher_net(len(self.classes))
        self.teacher.load_state_dict(saved["model"])
        self.teacher.to(self.device).eval().requires_grad_(False)
        self.student = Student(len(self.classes)).to(self.device)

        self.optimizer = torch.optim.SGD(self.student.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
        self.scheduler = torch.optim.lr_scheduler.PolynomialLR(self.optimizer, total_iters=args.epochs, power=0.9)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=args.amp and self.device.type == "cuda")
        # half precision needs no loss scaling on the CPU, where it is bfloat16
        dtype = torch.float16 if self.device.type == "cuda" else torch.bfloat16
        self.amp = (lambda: torch.autocast(self.device.type, dtype=dtype)) if args.amp else nullcontext
        self.out = Path(args.out)
        self.out.mkdir(parents=True, exist_ok=True)

    def train_epoch(self, epoch):
        self.student.train()
        sums, n = [0.0, 0.0, 0.0], 0
        for i, (x, y) in enumerate(self.train_loader):
            x, y = x.to(self.device), y.to(self.device)
            with self.amp():
                with torch.no_grad():
                    t = self.teacher(x)
                s = self.student(x)
            loss, soft, hard = kd_loss(s.float(), t.float(), y, self.args.temperature, self.args.alpha)
            self.optimizer.zero_grad(set_to_none=True)
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
            sums = [a + v.item() * len(y) for a, v in zip(sums, (loss, soft, hard))]
            n += len(y)
            if i % 10 == 0:
                log.info("  %d:%d/%d loss %.3f soft %.3f hard %.3f", epoch, i, len(self.train_loader), loss.item(), soft, hard)
        self.scheduler.step()
        return [v / n for v in sums]

    @torch.no_grad()
    def accuracy(self, net):
        net.eval()
        right = n = 0
        for x, y in self.val_loader:
            with self.amp():
                out = net(x.to(self.device))
            right += (out.argmax(1).cpu() == y).sum().item()
            n += len(y)
        return right / n

    def fit(self):
        log.info("teacher: accuracy %.3f, %d parameters", self.accuracy(self.teacher), sum(p.numel() for p in self.teacher.parameters()))
        log.info("student: %d parameters", sum(p.numel() for p in self.student.parameters()))
        best = 0.0
        for epoch in range(self.args.epochs):
            start = time.time()
            loss, soft, hard = self.train_epoch(epoch)
            acc = self.accuracy(self.student)
            log.info("epoch %d: loss %.3f (soft %.3f, hard %.3f), accuracy %.3f, %.0f s", epoch, loss, soft, hard, acc, time.time() - start)
            if acc > best:
                best = acc
                torch.save({"model": self.student.state_dict(), "classes": self.classes, "accuracy": acc}, self.out / "student.pt")
        log.info("best %.3f", best)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="signs.h5")
    p.add_argument("--teacher", default="weights/signs_teacher.pt")
    p.add_argument("--out", default="runs/signs_distil")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=0.05)
    p.add_argument("--temperature", type=float, default=3.0)
    p.add_argument("--alpha", type=float, default=0.5)
    p.add_argument("--workers", type=int, default=0)
    p.add_argument("--no-amp", dest="amp", action="store_false")
    p.add_argument("--seed", type=int, default=6)
    args = p.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(args.seed)
    Distiller(args).fit()


if __name__ == "__main__":
    main()
