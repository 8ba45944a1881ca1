import lightning as L
import torch
import torch.nn.functional as F
from torch import nn
from torchmetrics.classification import MulticlassAccuracy


def conv_bn(cin, cout, k=3, s=1, groups=1, act=True):
    layers = [
        nn.Conv2d(cin, cout, k, s, k // 2, groups=groups, bias=False),
        nn.BatchNorm2d(cout),
    ]
    if act:
        layers.append(nn.SiLU(inplace=True))
    return nn.Sequential(*layers)


class MBConv(nn.Module):
    """Inverted bottleneck with squeeze and excitation."""

    def __init__(self, cin, cout, stride, expand=4):
        super().__init__()
        mid = cin * expand
        self.use_skip = stride == 1 and cin == cout
        self.expand = conv_bn(cin, mid, k=1)
        self.depthwise = conv_bn(mid, mid, k=3, s=stride, groups=mid)
        self.se = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(mid, max(8, mid // 16), 1),
            nn.SiLU(inplace=True),
            nn.Conv2d(max(8, mid // 16), mid, 1),
            nn.Sigmoid(),
        )
        self.project = conv_bn(mid, cout, k=1, act=False)

    def forward(self, x):
        y = self.depthwise(self.expand(x))
        y = self.project(y * self.se(y))
        return x + y if self.use_skip else y


class Encoder(nn.Module):
    def __init__(self, widths, depths):
        super().__init__()
        layers = [conv_bn(3, widths[0], s=2)]
        cin = widths[0]
        for i, (w, d) in enumerate(zip(widths, depths)):
            for j in range(d):
                layers.append(MBConv(cin, w, stride=2 if j == 0 and i > 0 else 1))
                cin = w
        self.layers = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(2)

    def forward(self, x):
        return self.pool(self.layers(x)).flatten(1)


class ObjectClassifier(L.LightningModule):
    def __init__(
        self,
        num_classes,
        image_size=64,
        widths=(24, 32, 64, 96),
        depths=(1, 2, 2, 1),
        dropout=0.2,
        lr=2e-3,
        weight_decay=0.02,
        smoothing=0.05,
    ):
        super().__init__()
        self.save_hyperparameters()
        self.encoder = Encoder(widths, depths)
        width = self._feature_width(image_size)
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(width, 128),
            nn.SiLU(inplace=True),
            nn.Linear(128, num_classes),
        )
        self.train_acc = MulticlassAccuracy(num_classes, average="micro")
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")
        self.val_acc_class = MulticlassAccuracy(num_classes, average="macro")

    def _feature_width(self, size):
        # run one empty picture through to learn how wide the flattened features are
        self.encoder.eval()
        with torch.no_grad():
            feats = self.encoder(torch.zeros(1, 3, size, size))
        return feats.shape[1]

    def forward(self, x):
        return self.head(self.encoder(x))

    def training_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        loss = F.cross_entropy(logits, y, label_smoothing=self.hparams.smoothing)
        self.train_acc(logits, y)
        self.log("train/loss", loss, prog_bar=True)
        self.log("train/acc", self.train_acc, on_step=False, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.val_acc_class(logits, y)
        self.log("val/loss", F.cross_entropy(logits, y), prog_bar=True, batch_size=len(y))
        self.log("val/acc", self.val_acc, prog_bar=True)
        self.log("val/acc_class", self.val_acc_class)

    def configure_optimizers(self):
        decay = [p for p in self.parameters() if p.ndim > 1]
        plain = [p for p in self.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [
                {"params": decay, "weight_decay": self.hparams.weight_decay},
                {"params": plain, "weight_decay": 0.0},
            ],
            lr=self.hparams.lr,
        )
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, T_max=self.trainer.max_epochs, eta_min=1e-5
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "epoch"}}
