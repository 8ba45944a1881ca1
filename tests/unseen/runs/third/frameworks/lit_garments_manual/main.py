"""Two optimizers (SGD for the body, AdamW for the head), manual optimisation, mixup and an averaged copy."""
import argparse
import copy
from pathlib import Path

import lightning as L
import torch
import torch.nn.functional as F
import yaml
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import nn

from garments import GarmentData


class Network(nn.Module):
    def __init__(self, channels, embedding, num_classes, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("std", torch.tensor(std))
        layers, cin = [], 1
        for c in channels:
            layers += [
                nn.Conv2d(cin, c, 3, padding=1, bias=False),
                nn.BatchNorm2d(c),
                nn.ReLU(),
                nn.Conv2d(c, c, 3, padding=1, bias=False),
                nn.BatchNorm2d(c),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
            cin = c
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Linear(cin, embedding), nn.GELU(), nn.Dropout(0.2), nn.Linear(embedding, num_classes)
        )

    def forward(self, x):
        x = (x.float() / 255 - self.mean) / self.std
        return self.head(self.body(x).mean((2, 3)))


class Averaged:
    """Exponential moving average of the weights; buffers are copied."""

    def __init__(self, net, decay):
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self, net):
        self.updates += 1
        d = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for a, b in zip(self.net.parameters(), net.parameters()):
            a.lerp_(b, 1 - d)
        for a, b in zip(self.net.buffers(), net.buffers()):
            a.copy_(b)


class GarmentModule(L.LightningModule):
    def __init__(self, cfg, mean, std):
        super().__init__()
        self.automatic_optimization = False
        self.cfg = cfg
        self.net = Network(**cfg["net"], num_classes=10, mean=mean, std=std)
        self.average = None

    def on_fit_start(self):
        if self.average is None:
            self.average = Averaged(self.net, self.cfg["ema_decay"])

    def training_step(self, batch, batch_idx):
        x, y = batch
        lam = float(torch.distributions.Beta(self.cfg["mixup"], self.cfg["mixup"]).sample())
        perm = torch.randperm(len(x), device=x.device)
        mixed = lam * x.float() + (1 - lam) * x[perm].float()
        logits = self.net(mixed)
        loss = lam * F.cross_entropy(logits, y) + (1 - lam) * F.cross_entropy(logits, y[perm])

        body, head = self.optimizers()
        body.zero_grad()
        head.zero_grad()
        self.manual_backward(loss)
        clip = self.cfg["optim"]["clip"]
        self.clip_gradients(body, gradient_clip_val=clip, gradient_clip_algorithm="norm")
        self.clip_gradients(head, gradient_clip_val=clip, gradient_clip_algorithm="norm")
        body.step()
        head.step()
        for sched in self.lr_schedulers():
            sched.step()
        self.average.update(self.net)
        self.log("loss", loss.detach(), prog_bar=True)
        self.log("lr_body", body.param_groups[0]["lr"], prog_bar=True)

    def _evaluate(self, batch, name):
        x, y = batch
        for tag, net in (("", self.net), ("_avg", self.average.net)):
            logits = net(x)
            self.log(f"{name}_loss{tag}", F.cross_entropy(logits, y), batch_size=len(y))
            self.log(f"{name}_acc{tag}", (logits.argmax(1) == y).float().mean(), prog_bar=True, batch_size=len(y))

    def validation_step(self, batch, batch_idx):
        self._evaluate(batch, "val")

    def test_step(self, batch, batch_idx):
        self._evaluate(batch, "test")

    def on_save_checkpoint(self, checkpoint):
        checkpoint["average"] = self.average.net.state_dict()

    def configure_optimizers(self):
        o = self.cfg["optim"]
        body = torch.optim.SGD(
            self.net.body.parameters(), lr=o["body_lr"], momentum=o["body_momentum"],
            weight_decay=o["body_weight_decay"], nesterov=True,
        )
        head = torch.optim.AdamW(self.net.head.parameters(), lr=o["head_lr"], weight_decay=o["head_weight_decay"])
        total = len(self.trainer.datamodule.train_dataloader()) * self.trainer.max_epochs
        warm = o["warmup_steps"]

        def factor(step):
            if step < warm:
                return step / warm
            t = (step - warm) / max(1, total - warm)
            return 0.5 * (1 + torch.cos(torch.tensor(min(t, 1.0) * torch.pi)).item())

        scheds = [torch.optim.lr_scheduler.LambdaLR(opt, factor) for opt in (body, head)]
        return [body, head], scheds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default=str(Path(__file__).with_name("config.yaml")))
    parser.add_argument("--epochs", type=int)
    args = parser.parse_args()
    cfg = yaml.safe_load(open(args.config))
    if args.epochs:
        cfg["epochs"] = args.epochs
    L.seed_everything(cfg["seed"])

    dm = GarmentData(**cfg["data"], seed=cfg["seed"])
    dm.setup()
    module = GarmentModule(cfg, dm.mean, dm.std)
    trainer = L.Trainer(
        max_epochs=cfg["epochs"],
        accelerator="cpu",
        devices=1,
        log_every_n_steps=10,
        num_sanity_val_steps=0,
        logger=CSVLogger("runs/garments"),
        callbacks=[ModelCheckpoint(monitor="val_acc_avg", mode="max", save_last=True)],
    )
    trainer.fit(module, datamodule=dm)
    trainer.test(module, datamodule=dm)


if __name__ == "__main__":
    main()
