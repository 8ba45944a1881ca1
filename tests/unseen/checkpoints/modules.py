"""Text of the module files that lie beside the programs (own networks)."""
SMALLNET = '''"""A small convolutional classifier."""
import torch
from torch import nn


def block(cin, cout):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU(inplace=True),
    )


class Standardize(nn.Module):
    """Per-picture standardisation, as tf.image.per_image_standardization."""

    def forward(self, x):
        n = x[0].numel()
        mean = x.mean(dim=(1, 2, 3), keepdim=True)
        x = x - mean
        power = (x * x).sum(dim=(1, 2, 3), keepdim=True)
        return x * torch.rsqrt(power / n + 1e-3)


class SmallNet(nn.Module):
    def __init__(self, num_classes=8, in_chans=3, width=32, drop=0.2, standardize=False):
        super().__init__()
        self.pre = Standardize() if standardize else nn.Identity()
        self.stem = block(in_chans, width)
        self.stage1 = nn.Sequential(nn.MaxPool2d(2), block(width, 2 * width))
        self.stage2 = nn.Sequential(nn.MaxPool2d(2), block(2 * width, 4 * width), block(4 * width, 4 * width))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout(drop)
        self.fc = nn.Linear(4 * width, num_classes)

    def forward(self, x):
        x = self.stem(self.pre(x))
        x = self.stage2(self.stage1(x))
        return self.fc(self.drop(self.pool(x).flatten(1)))
'''
LIT = '''import lightning as L
import torch
import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.skip = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.skip(x))


class LitClassifier(L.LightningModule):
    def __init__(self, num_classes=8, in_chans=1, lr=3e-3):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(
            nn.Conv2d(in_chans, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            Residual(16, 32, 2), Residual(32, 64, 2), Residual(64, 96, 2),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, num_classes))

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _):
        x, y = batch
        if torch.rand(()) < 0.5:
            x = x.flip(3)
        loss = F.cross_entropy(self(x), y)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, _):
        x, y = batch
        self.log("val_acc", (self(x).argmax(1) == y).float().mean())

    def test_step(self, batch, _):
        x, y = batch
        self.log("test_acc", (self(x).argmax(1) == y).float().mean())

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr, weight_decay=0.02)
        sched = torch.optim.lr_scheduler.OneCycleLR(
            opt, self.hparams.lr, total_steps=int(self.trainer.estimated_stepping_batches))
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "step"}}
'''
