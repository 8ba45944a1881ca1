import sys
from pathlib import Path

import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import ModelCheckpoint
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

import yaml
from ema import WeightEMA
from nets import PhotoNet


def cutmix(x, y, alpha):
    """one box for the whole batch; returns both label vectors and the share of the first"""
    lam = torch.distributions.Beta(alpha, alpha).sample().item()
    perm = torch.randperm(len(x), device=x.device)
    h, w = x.shape[-2:]
    cut = (1 - lam) ** 0.5
    bh, bw = int(h * cut), int(w * cut)
    cy, cx = torch.randint(h, ()).item(), torch.randint(w, ()).item()
    top, bottom = max(cy - bh // 2, 0), min(cy + bh // 2, h)
    left, right = max(cx - bw // 2, 0), min(cx + bw // 2, w)
    x = x.clone()
    x[..., top:bottom, left:right] = x[perm][..., top:bottom, left:right]
    lam = 1 - (bottom - top) * (right - left) / (h * w)
    return x, y, y[perm], lam


class Photos(L.LightningModule):
    def __init__(self, cfg, classes):
        super().__init__()
        self.cfg = cfg
        self.net = PhotoNet(classes, tuple(cfg["widths"]))
        self.automatic_optimization = False
        self.did_update = False
        self.seen = self.right = 0

    def forward(self, x):
        return self.net(x)

    def lr_at(self, step):
        warm, total = self.cfg["warmup_updates"], self.updates_total
        if step < warm:
            return step / warm
        return 0.5 * (1 + torch.cos(torch.tensor(torch.pi * (step - warm) / max(1, total - warm))).item())

    def configure_optimizers(self):
        accumulate = self.cfg["accumulate"]
        self.updates_total = self.cfg["epochs"] * -(-self.trainer.num_training_batches // accumulate)
        trunk = torch.optim.SGD(self.net.trunk.parameters(), lr=self.cfg["trunk_lr"], momentum=0.9,
                                nesterov=True, weight_decay=self.cfg["weight_decay"])
        head = torch.optim.AdamW(self.net.head.parameters(), lr=self.cfg["head_lr"], weight_decay=0.01)
        return [trunk, head], [torch.optim.lr_scheduler.LambdaLR(o, self.lr_at) for o in (trunk, head)]

    def training_step(self, batch, i):
        x, y = batch
        n, last = self.cfg["accumulate"], self.trainer.num_training_batches
        # the last group of an epoch may be shorter
        start = i - i % n
        group = min(n, last - start)

        if torch.rand(()) < self.cfg["cutmix_probability"]:
            x, ya, yb, lam = cutmix(x, y, 1.0)
            out = self(x)
            loss = lam * F.cross_entropy(out, ya) + (1 - lam) * F.cross_entropy(out, yb)
        else:
            out = self(x)
            loss = F.cross_entropy(out, y)

        self.manual_backward(loss / group)
        self.did_update = i - start + 1 == group
        if self.did_update:
            for opt in self.optimizers():
                self.clip_gradients(opt, gradient_clip_val=5.0, gradient_clip_algorithm="norm")
                opt.step()
                opt.zero_grad()
            for sched in self.lr_schedulers():
                sched.step()
        self.log("loss", loss.detach(), prog_bar=True)

    def on_validation_epoch_start(self):
        self.seen = self.right = 0

    def validation_step(self, batch, i):
        x, y = batch
        out = self(x)
        self.right += (out.argmax(1) == y).sum().item()
        self.seen += len(y)
        self.log("val_loss", F.cross_entropy(out, y), batch_size=len(y))

    def on_validation_epoch_end(self):
        self.log("val_acc", self.right / max(1, self.seen), prog_bar=True)


def loaders(cfg):
    train_tf = v2.Compose([
        v2.PILToTensor(),
        v2.RandomCrop(cfg["size"], padding=6, padding_mode="reflect"),
        v2.RandomHorizontalFlip(),
        v2.RandomErasing(0.25, value=0),
    ])
    val_tf = v2.Compose([v2.PILToTensor(), v2.Resize(cfg["size"]), v2.CenterCrop(cfg["size"])])
    root = Path(cfg["data"])
    train, val = ImageFolder(root / "train", train_tf), ImageFolder(root / "val", val_tf)
    assert train.classes == val.classes
    return (DataLoader(train, cfg["batch_size"], shuffle=True, drop_last=True, num_workers=cfg["workers"]),
            DataLoader(val, 64, num_workers=cfg["workers"]), len(train.classes))


if __name__ == "__main__":
    config_path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("config.yaml")
    if not config_path.exists():
        config_path = Path(__file__).parent / config_path
    cfg = yaml.safe_load(config_path.read_text())
    L.seed_everything(cfg["seed"])
    train_loader, val_loader, classes = loaders(cfg)
    trainer = L.Trainer(
        max_epochs=cfg["epochs"], accelerator="cpu", devices=1, num_sanity_val_steps=2,
        callbacks=[WeightEMA(cfg["ema"]), ModelCheckpoint(dirpath="ckpt_photos", save_last=True, monitor="val_acc", mode="max")],
        logger=False, enable_progress_bar=cfg["bar"],
    )
    trainer.fit(Photos(cfg, classes), train_loader, val_loader)
