import time
from pathlib import Path

import torch
from torch import nn


class Mean:
    def __init__(self):
        self.total, self.count = 0.0, 0

    def add(self, value, n):
        self.total += float(value) * n
        self.count += n

    @property
    def value(self):
        return self.total / max(1, self.count)


class Trainer:
    def __init__(self, net, train_loader, valid_loader, args, classes):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.net = net.to(self.device)
        self.train_loader, self.valid_loader = train_loader, valid_loader
        self.args, self.classes = args, classes
        self.loss = nn.CrossEntropyLoss(label_smoothing=args.smoothing)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=args.lr, momentum=args.momentum,
                                         weight_decay=args.weight_decay)
        self.scheduler = torch.optim.lr_scheduler.PolynomialLR(self.optimizer, total_iters=args.epochs, power=0.9)
        self.first_epoch, self.best = 0, 0.0
        self.out = Path(args.out)
        self.out.mkdir(parents=True, exist_ok=True)

    # -- checkpoints ---------------------------------------------------------
    def state(self, epoch):
        return {
            "net": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "epoch": epoch,
            "best": self.best,
            "classes": self.classes,
            "rng": torch.get_rng_state(),
        }

    def resume(self, path):
        state = torch.load(path, map_location=self.device)
        if state["classes"] != self.classes:
            raise ValueError("the checkpoint belongs to other classes")
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.first_epoch = state["epoch"] + 1
        self.best = state["best"]
        torch.set_rng_state(state["rng"].cpu())
        print(f"resumed {path}: next epoch {self.first_epoch}, lr {self.scheduler.get_last_lr()}, best {self.best:.3f}")

    # -- loops ---------------------------------------------------------------
    def fit(self):
        last = self.args.epochs
        if self.args.stop_after:
            last = min(last, self.first_epoch + self.args.stop_after)
        for epoch in range(self.first_epoch, last):
            begin = time.time()
            train = self.train_epoch()
            valid, accuracy, balanced = self.validate()
            self.scheduler.step()
            print(f"{epoch:3d} | train {train:.4f} | valid {valid:.4f} | accuracy {accuracy:.4f} | "
                  f"balanced {balanced:.4f} | {time.time() - begin:.1f}s", flush=True)
            is_best = balanced > self.best
            self.best = max(balanced, self.best)
            state = self.state(epoch)
            torch.save(state, self.out / "last.pt")
            if is_best:
                torch.save(state, self.out / "best.pt")

    def train_epoch(self):
        self.net.train()
        mean = Mean()
        for images, labels in self.train_loader:
            images, labels = images.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad()
            loss = self.loss(self.net(images), labels)
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), self.args.clip)
            self.optimizer.step()
            mean.add(loss.detach(), len(labels))
        return mean.value

    @torch.no_grad()
    def validate(self):
        self.net.eval()
        mean = Mean()
        n = len(self.classes)
        table = torch.zeros(n, n, dtype=torch.long)
        for images, labels in self.valid_loader:
            images, labels = images.to(self.device), labels.to(self.device)
            logits = self.net(images)
            mean.add(self.loss(logits, labels), len(labels))
            pairs = labels * n + logits.argmax(1)
            table += torch.bincount(pairs.cpu(), minlength=n * n).view(n, n)
        hits = table.diagonal()
        return mean.value, (hits.sum() / table.sum()).item(), (hits / table.sum(1)).mean().item()
