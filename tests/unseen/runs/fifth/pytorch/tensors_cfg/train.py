import math
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
import yaml
from torchvision.transforms import v2


class TinyViT(nn.Module):
    def __init__(self, size, patch, dim, depth, heads, classes):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, patch, patch)
        self.pos = nn.Parameter(torch.randn(1, (size // patch) ** 2, dim) * 0.02)
        layer = nn.TransformerEncoderLayer(dim, heads, 2 * dim, dropout=0.1, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(dim), enable_nested_tensor=False)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):
        tokens = self.patches(x).flatten(2).transpose(1, 2) + self.pos
        return self.head(self.encoder(tokens).mean(1))


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        blob = torch.load(cfg["file"])
        (self.x, self.y), (self.vx, self.vy) = blob["train"], blob["val"]
        size = self.x.shape[-1]
        self.augment = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomCrop(size, padding=5, padding_mode="reflect")])
        self.model = TinyViT(size, classes=int(self.y.max()) + 1, **cfg["arch"])
        o = cfg["optimizer"]
        self.opt = getattr(torch.optim, o["name"])(self.model.parameters(), **o["args"])
        w, e = cfg["warmup_epochs"], cfg["epochs"]
        self.sched = torch.optim.lr_scheduler.LambdaLR(
            self.opt, lambda t: (t + 1) / (w + 1) if t < w else 0.5 * (1 + math.cos(math.pi * (t - w) / (e - w))))

    def scale(self, x):
        return x.float() / 127.5 - 1

    def batches(self):
        order = torch.randperm(len(self.x))
        for ids in order.split(self.cfg["batch_size"]):
            yield self.scale(torch.stack([self.augment(i) for i in self.x[ids]])), self.y[ids]

    def update(self, x, y):
        loss = F.cross_entropy(self.model(x), y, label_smoothing=0.1)
        self.opt.zero_grad()
        loss.backward()
        if self.cfg.get("grad_clip") is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.cfg["grad_clip"])
        self.opt.step()
        return loss.item()

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        hits = [(self.model(self.scale(x)).argmax(1) == y).sum() for x, y in zip(self.vx.split(100), self.vy.split(100))]
        return sum(hits).item() / len(self.vy)

    def run(self):
        for epoch in range(self.cfg["epochs"]):
            self.model.train()
            losses = [self.update(x, y) for x, y in self.batches()]
            self.sched.step()
            print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f} val {self.evaluate():.4f}", flush=True)


if __name__ == "__main__":
    torch.manual_seed(10)
    Trainer(yaml.safe_load((Path(__file__).parent / "settings.yaml").read_text())).run()
