"""timm + Lightning with manual optimisation: two optimizers (body / head), accumulation over
ACCUM batches, clipping by hand and a cosine schedule stepped with the optimizers.

    python train.py objects10 --arch resnet18 --accum 2
"""
import argparse
import math
import pathlib

import lightning.pytorch as pl
import timm
import torch
import torch.nn.functional as F
from timm.data import create_transform
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder


class TwoSpeed(pl.LightningModule):
    def __init__(self, arch, num_classes, weights, lr_body, lr_head, accum, clip, total_updates, warmup):
        super().__init__()
        self.save_hyperparameters()
        self.automatic_optimization = False
        self.model = timm.create_model(arch, pretrained=False, num_classes=num_classes)
        state = torch.load(weights, map_location="cpu")
        state = {k: v for k, v in state.items() if not k.startswith("fc.")}
        missing, unexpected = self.model.load_state_dict(state, strict=False)
        assert not unexpected and set(missing) == {"fc.weight", "fc.bias"}, (missing, unexpected)
        self.correct = self.seen = 0

    def forward(self, x):
        return self.model(x)

    def configure_optimizers(self):
        hp = self.hparams
        head = list(self.model.get_classifier().parameters())
        ids = {id(p) for p in head}
        body = [p for p in self.model.parameters() if id(p) not in ids]
        opts = [torch.optim.SGD(body, lr=hp.lr_body, momentum=0.9, weight_decay=1e-4),
                torch.optim.SGD(head, lr=hp.lr_head, momentum=0.9, weight_decay=1e-4)]

        def factor(step):
            if step < hp.warmup:
                return (step + 1) / hp.warmup
            t = (step - hp.warmup) / max(1, hp.total_updates - hp.warmup)
            return 0.5 * (1 + math.cos(math.pi * min(1.0, t)))

        return opts, [torch.optim.lr_scheduler.LambdaLR(o, factor) for o in opts]

    def training_step(self, batch, batch_idx):
        hp = self.hparams
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.manual_backward(loss / hp.accum)
        last = (batch_idx + 1) == self.trainer.num_training_batches
        if (batch_idx + 1) % hp.accum == 0 or last:
            opts = self.optimizers()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), hp.clip)
            for opt in opts:
                opt.step()
                opt.zero_grad()
            for sched in self.lr_schedulers():
                sched.step()
        self.log("loss", loss.detach(), prog_bar=True)

    def on_validation_epoch_start(self):
        self.correct = self.seen = 0

    def validation_step(self, batch, batch_idx):
        x, y = batch
        self.correct += (self(x).argmax(-1) == y).sum().item()
        self.seen += len(y)

    def on_validation_epoch_end(self):
        self.log("top1", self.correct / self.seen, prog_bar=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("data", type=pathlib.Path)
    ap.add_argument("--arch", default="resnet18")
    ap.add_argument("--weights", default="weights/resnet18.pth")
    ap.add_argument("--size", type=int, default=128)
    ap.add_argument("-b", "--batch", type=int, default=32)
    ap.add_argument("--accum", type=int, default=2)
    ap.add_argument("--clip", type=float, default=1.0)
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--lr-body", type=float, default=0.005)
    ap.add_argument("--lr-head", type=float, default=0.05)
    args = ap.parse_args()

    pl.seed_everything(0)
    train = ImageFolder(args.data / "train", create_transform(args.size, is_training=True, scale=(0.4, 1.0), color_jitter=0.2))
    val = ImageFolder(args.data / "val", create_transform(args.size, is_training=False, crop_pct=1.0))
    train_dl = DataLoader(train, args.batch, shuffle=True, num_workers=2, drop_last=True)
    val_dl = DataLoader(val, 2 * args.batch, num_workers=2)

    updates = math.ceil(len(train_dl) / args.accum)
    model = TwoSpeed(args.arch, len(train.classes), args.weights, args.lr_body, args.lr_head, args.accum, args.clip,
                     updates * args.epochs, warmup=updates // 4)
    trainer = pl.Trainer(max_epochs=args.epochs, enable_checkpointing=False, logger=False)
    trainer.fit(model, train_dl, val_dl)
    trainer.save_checkpoint("two_speed.ckpt")


if __name__ == "__main__":
    main()
