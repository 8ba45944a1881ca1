"""Fine tune the small residual network on clip art, stage after stage from the top."""
import argparse
import math

import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import nn
from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix

from nets import SmallResNet
from stamps import StampData


def load_backbone(net, path):
    """Takes everything but the classifier from a checkpoint of the pretraining run."""
    state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    state = {k.removeprefix("net."): v for k, v in state.items()}
    state = {k: v for k, v in state.items() if not k.startswith("fc.")}
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert set(missing) == {"fc.weight", "fc.bias"} and not unexpected, (missing, unexpected)
    print(f"{len(state)} tensors from {path}")


class Thaw(Callback):
    """Opens one stage at each of the given epochs; what is closed also keeps its batch statistics."""

    def __init__(self, epochs):
        self.epochs = epochs

    def on_train_epoch_start(self, trainer, module):
        n_open = sum(trainer.current_epoch >= e for e in self.epochs)
        parts = module.parts()
        for i, part in enumerate(reversed(parts)):
            is_open = i < n_open
            part.requires_grad_(is_open)
            part.train(is_open)
        module.log("open_stages", float(n_open))


class StampModule(L.LightningModule):
    def __init__(self, num_classes, pretrained, lr=1e-3, layer_decay=0.5, weight_decay=0.05, warmup=20, smoothing=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.net = SmallResNet(num_classes, drop=0.2)
        load_backbone(self.net, pretrained)
        self.acc = nn.ModuleDict({k: MulticlassAccuracy(num_classes, average="micro") for k in ("fit", "val")})
        self.balanced = MulticlassAccuracy(num_classes, average="macro")
        self.confusion = MulticlassConfusionMatrix(num_classes)

    def parts(self):
        return [self.net.stem, *self.net.stages]

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        loss = F.cross_entropy(logits, y, label_smoothing=self.hparams.smoothing)
        self.acc["fit"](logits, y)
        self.log("fit_loss", loss, prog_bar=True)
        self.log("fit_acc", self.acc["fit"], on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        for m in (self.acc["val"], self.balanced, self.confusion):
            m.update(logits, y)
        self.log("val_loss", F.cross_entropy(logits, y), prog_bar=True, batch_size=len(y))
        self.log("val_acc", self.acc["val"], prog_bar=True)
        self.log("val_balanced", self.balanced)

    def on_validation_epoch_end(self):
        if self.current_epoch % 10 == 9:
            self.print(self.confusion.compute())
        self.confusion.reset()

    def configure_optimizers(self):
        groups = [{"params": list(self.net.fc.parameters()), "lr": self.hparams.lr, "name": "fc"}]
        scale = 1.0
        for i, part in reversed(list(enumerate(self.parts()))):
            scale *= self.hparams.layer_decay
            groups.append({"params": list(part.parameters()), "lr": self.hparams.lr * scale, "name": f"part{i}"})
        optimizer = torch.optim.AdamW(groups, weight_decay=self.hparams.weight_decay)
        total = self.trainer.estimated_stepping_batches

        def shape(step):
            if step < self.hparams.warmup:
                return (step + 1) / self.hparams.warmup
            t = (step - self.hparams.warmup) / max(1, total - self.hparams.warmup)
            return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * t))

        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, shape)
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="stamps/stamps64.h5")
    p.add_argument("--weights", default="weights/smallresnet_objects.ckpt")
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch-size", type=int, default=24)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--thaw", type=int, nargs="*", default=[2, 5, 8, 11])
    args = p.parse_args()

    L.seed_everything(2024, workers=True)
    data = StampData(args.data, args.batch_size)
    module = StampModule(len(data.classes), args.weights, lr=args.lr)
    trainer = L.Trainer(
        max_epochs=args.epochs,
        accelerator="cpu",
        devices=1,
        log_every_n_steps=5,
        gradient_clip_val=1.0,
        logger=CSVLogger("runs/stamps"),
        callbacks=[
            Thaw(args.thaw),
            LearningRateMonitor("step"),
            ModelCheckpoint(monitor="val_balanced", mode="max", filename="{epoch}-{val_balanced:.3f}"),
        ],
    )
    trainer.fit(module, datamodule=data)


if __name__ == "__main__":
    main()
