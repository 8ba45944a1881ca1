import torch
import torch.nn.functional as F
import lightning as L
import timm
from torchmetrics.classification import MulticlassAccuracy


def make_optimizer(params, cfg):
    return torch.optim.SGD(params, lr=cfg.lr, momentum=cfg.momentum,
                           weight_decay=cfg.weight_decay, nesterov=True)


def with_schedule(optimizer, scheduler, every="step", monitor=None):
    """Wrap optimizer + scheduler the way Lightning wants them."""
    entry = {"scheduler": scheduler, "interval": every, "frequency": 1}
    if monitor is not None:
        entry["monitor"] = monitor
    return {"optimizer": optimizer, "lr_scheduler": entry}


class Recognizer(L.LightningModule):
    def __init__(self, cfg, num_classes):
        super().__init__()
        self.cfg = cfg
        self.net = timm.create_model(cfg.arch, pretrained=False, num_classes=num_classes)
        self.train_acc = MulticlassAccuracy(num_classes, average="micro")
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        out = self(x)
        loss = F.cross_entropy(out, y)
        self.train_acc(out, y)
        self.log("train/loss", loss, prog_bar=True)
        self.log("train/acc", self.train_acc, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        out = self(x)
        self.val_acc(out, y)
        self.log("val/loss", F.cross_entropy(out, y), prog_bar=True)
        self.log("val/acc", self.val_acc, prog_bar=True)

    def configure_optimizers(self):
        opt = make_optimizer(self.parameters(), self.cfg)
        sched = torch.optim.lr_scheduler.MultiStepLR(opt, milestones=self.cfg.milestones, gamma=self.cfg.gamma)
        return with_schedule(opt, sched)
