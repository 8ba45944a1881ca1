"""Cross-validation over the four scanning days of the clothes scans (Accelerate)."""
import copy
from pathlib import Path
import sys

import numpy as np
import torch
import yaml
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from torch import nn

DEFAULT = """
root: wear
folds: [0, 1, 2, 3]
epochs: 15          # of each fold
batch: 36
accumulate: 3
body: {lr: 0.05, momentum: 0.9, weight_decay: 0.0005}
head: {lr: 0.002}
ema: 0.95
"""


def scans(root):
    rows = [l.rstrip("\n").split("\t") for l in open(Path(root) / "index.txt")]
    names = sorted({r[1] for r in rows})
    x = np.stack([np.array(Image.open(Path(root) / "scans" / f"{r[0]}.png")) for r in rows])
    return torch.from_numpy(x)[:, None], torch.tensor([names.index(r[1]) for r in rows]), torch.tensor([int(r[2]) for r in rows]), names


class Net(nn.Module):
    def __init__(self, n, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        c = lambda i, o, s: [nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.Hardswish()]
        self.body = nn.Sequential(*c(1, 24, 1), *c(24, 48, 2), *c(48, 96, 2), nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.head = nn.Linear(384, n)

    def forward(self, x):
        return self.head(self.body((x.float() - self.mean) / self.std))


class Shadow:
    """Moving average of all floating tensors, the statistics of batch norm too."""

    def __init__(self, model, decay):
        self.model, self.decay = copy.deepcopy(model).eval().requires_grad_(False), decay

    @torch.no_grad()
    def follow(self, model):
        for s, m in zip(self.model.state_dict().values(), model.state_dict().values()):
            s.lerp_(m, 1 - self.decay) if s.is_floating_point() else s.copy_(m)


def one_fold(cfg, fold, x, y, day, names):
    acc = Accelerator(cpu=True, gradient_accumulation_steps=cfg["accumulate"], step_scheduler_with_optimizer=False)
    set_seed(100 + fold)
    inside = day != fold
    pix = x[inside].float()
    model = Net(len(names), pix.mean(), pix.std())
    body = torch.optim.SGD(model.body.parameters(), nesterov=True, **cfg["body"])
    head = torch.optim.AdamW(model.head.parameters(), **cfg["head"])
    D = torch.utils.data.TensorDataset
    train = torch.utils.data.DataLoader(D(x[inside], y[inside]), cfg["batch"], shuffle=True)
    val = torch.utils.data.DataLoader(D(x[~inside], y[~inside]), 120)
    falls = [torch.optim.lr_scheduler.LambdaLR(o, lambda e: (1 - e / cfg["epochs"]) ** 0.9) for o in (body, head)]
    model, body, head, train, val = acc.prepare(model, body, head, train, val)
    shadow = Shadow(acc.unwrap_model(model), cfg["ema"])
    for epoch in range(cfg["epochs"]):
        model.train()
        sums = [0.0, 0]
        for a, b in train:
            with acc.accumulate(model):
                a = torch.where((torch.rand(len(a)) < 0.5)[:, None, None, None], a.flip(-1), a)
                loss = nn.functional.cross_entropy(model(a), b)
                acc.backward(loss)
                for o in (body, head):      # both wait for the end of the accumulation by themselves
                    o.step()
                    o.zero_grad()
            if acc.sync_gradients:
                shadow.follow(acc.unwrap_model(model))
            sums = [sums[0] + loss.item() * len(b), sums[1] + len(b)]
        for s in falls:
            s.step()
        with torch.no_grad():
            hit = [torch.eq(*acc.gather_for_metrics((shadow.model(a).argmax(1), b))) for a, b in val]
        score = torch.cat(hit).float().mean().item()
        acc.print(f"fold {fold} epoch {epoch:2d} loss {sums[0] / sums[1]:.4f} day-accuracy {score:.4f}", flush=True)
    return score


if __name__ == "__main__":
    cfg = yaml.safe_load(DEFAULT)
    for arg in sys.argv[1:]:
        k, v = arg.lstrip("-").split("=")
        cfg[k] = yaml.safe_load(v)
    data = scans(cfg["root"])
    scores = [one_fold(cfg, f, *data) for f in cfg["folds"]]
    print("mean over days %.4f +- %.4f" % (np.mean(scores), np.std(scores)))
