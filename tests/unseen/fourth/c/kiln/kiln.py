#!/usr/bin/env python3
"""kiln - small training harness.

    python kiln.py                      # what config.yaml says
    python kiln.py --resume runs/last.pt
"""
import argparse
import random
from pathlib import Path

import numpy as np
import torch
import yaml
from torch import nn

import nets  # noqa: F401  (fills the registry)
import sets  # noqa: F401
from registry import DATA, MODELS, OPTIMIZERS, SCHEDULES

OPTIMIZERS.register("sgd")(torch.optim.SGD)
OPTIMIZERS.register("adamw")(torch.optim.AdamW)
SCHEDULES.register("cosine")(torch.optim.lr_scheduler.CosineAnnealingLR)
SCHEDULES.register("multistep")(torch.optim.lr_scheduler.MultiStepLR)


class Kiln:
    def __init__(self, cfg: dict, device: torch.device):
        self.cfg, self.device = cfg, device
        self.loaders = DATA.build(cfg["data"])
        self.model = MODELS.build(cfg["model"]).to(device)
        self.optimizer = OPTIMIZERS.build(cfg["optimizer"], self.model.parameters())
        self.schedule = SCHEDULES.build(cfg["schedule"], self.optimizer)
        self.scaler = torch.amp.GradScaler("cuda")
        self.criterion = nn.CrossEntropyLoss()
        self.epoch, self.best = 0, 0.0
        self.dir = Path(cfg["run"]["dir"])
        self.dir.mkdir(parents=True, exist_ok=True)

    # -- state ---------------------------------------------------------------
    PARTS = ("model", "optimizer", "schedule", "scaler")

    def save(self, name: str) -> None:
        state = {p: getattr(self, p).state_dict() for p in self.PARTS}
        state.update(epoch=self.epoch, best=self.best)
        torch.save(state, self.dir / name)

    def load(self, path: str) -> None:
        state = torch.load(path, map_location=self.device)
        for p in self.PARTS:
            getattr(self, p).load_state_dict(state[p])
        self.epoch, self.best = state["epoch"], state["best"]

    # -- work ----------------------------------------------------------------
    def train_epoch(self) -> float:
        self.model.train()
        total = torch.zeros((), device=self.device)
        count = 0
        for x, y in self.loaders["train"]:
            x = x.to(self.device, non_blocking=True)
            y = y.to(self.device, non_blocking=True)
            self.optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cuda", dtype=torch.float16):
                loss = self.criterion(self.model(x), y)
            self.scaler.scale(loss).backward()
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.cfg["run"]["clip"])
            self.scaler.step(self.optimizer)
            self.scaler.update()
            total += loss.detach() * len(y)
            count += len(y)
        self.schedule.step()
        return total.item() / count

    @torch.no_grad()
    def accuracy(self, which: str) -> float:
        self.model.eval()
        hits, count = torch.zeros((), device=self.device), 0
        for x, y in self.loaders[which]:
            x, y = x.to(self.device, non_blocking=True), y.to(self.device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.float16):
                hits += (self.model(x).argmax(1) == y).sum()
            count += len(y)
        return hits.item() / count

    def run(self) -> None:
        while self.epoch < self.cfg["run"]["epochs"]:
            loss = self.train_epoch()
            val = self.accuracy("val")
            self.epoch += 1
            print(f"{self.epoch:4d}  loss {loss:.4f}  val {val:.4f}", flush=True)
            if val > self.best:
                self.best = val
                self.save("best.pt")
            self.save("last.pt")
        self.load(str(self.dir / "best.pt"))
        print(f"test {self.accuracy('test'):.4f}")


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--config", default=Path(__file__).with_name("config.yaml"))
    ap.add_argument("--resume")
    args = ap.parse_args()
    with open(args.config) as fh:
        cfg = yaml.safe_load(fh)

    seed = cfg["run"]["seed"]
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)

    kiln = Kiln(cfg, torch.device("cuda"))
    if args.resume:
        kiln.load(args.resume)
    kiln.run()


if __name__ == "__main__":
    main()
