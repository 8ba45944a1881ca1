#!/usr/bin/env python3
# 课程作业:用自己写的残差网络对服装图片分类 (灰度图, 28x28)
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import lightning as L
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from torch.utils.data import DataLoader, TensorDataset, random_split


class ResBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.short = nn.Identity()
        if stride != 1 or cin != cout:
            self.short = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.short(x))


class ResNet9(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
        self.stages = nn.Sequential(ResBlock(32, 32, 1), ResBlock(32, 64, 2), ResBlock(64, 128, 2), ResBlock(128, 128, 1))
        self.fc = nn.Linear(128, num_classes)

    def forward(self, x):
        x = self.stages(self.stem(x))
        x = x.mean((2, 3))                      # 全局平均池化
        return F.log_softmax(self.fc(x), dim=1)


class LitFashion(L.LightningModule):
    def __init__(self, lr=1e-3):
        super().__init__()
        self.lr = lr
        self.model = ResNet9()

    def training_step(self, batch, batch_idx):
        x, y = batch
        # 随机水平翻转 (每张图单独决定)
        flip = torch.rand(x.size(0), device=x.device) < 0.5
        x = torch.where(flip[:, None, None, None], x.flip(-1), x)
        logp = self.model(x)
        loss = F.nll_loss(logp, y)
        self.log("train_loss", loss, prog_bar=True, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logp = self.model(x)
        self.log("val_loss", F.nll_loss(logp, y), prog_bar=True)
        self.log("val_acc", (logp.argmax(1) == y).float().mean(), prog_bar=True)

    def test_step(self, batch, batch_idx):
        x, y = batch
        self.log("test_acc", (self.model(x).argmax(1) == y).float().mean())

    def configure_optimizers(self):
        opt = torch.optim.Adam(self.parameters(), lr=self.lr, weight_decay=1e-4)
        sch = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.3, patience=3)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sch, "monitor": "val_loss"}}


def load(path="fashion/fashion.npz"):
    d = np.load(path)
    to = lambda a: torch.from_numpy(a.astype(np.float32) / 255.0).unsqueeze(1)
    x, xt = to(d["x_train"]), to(d["x_test"])
    # 只用训练集统计均值方差
    mean, std = x.mean(), x.std()
    train = TensorDataset((x - mean) / std, torch.from_numpy(d["y_train"].astype(np.int64)))
    test = TensorDataset((xt - mean) / std, torch.from_numpy(d["y_test"].astype(np.int64)))
    return train, test


L.seed_everything(42)
full, test = load()
n_val = 500
train, val = random_split(full, [len(full) - n_val, n_val], generator=torch.Generator().manual_seed(0))
train_loader = DataLoader(train, batch_size=64, shuffle=True)
val_loader = DataLoader(val, batch_size=256)
test_loader = DataLoader(test, batch_size=256)

ckpt = ModelCheckpoint(monitor="val_acc", mode="max")
trainer = L.Trainer(max_epochs=40, callbacks=[ckpt, EarlyStopping("val_loss", patience=10)], logger=False)
model = LitFashion()
trainer.fit(model, train_loader, val_loader)
trainer.test(model, test_loader, ckpt_path="best")
