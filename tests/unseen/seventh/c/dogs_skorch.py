# -*- coding: utf-8 -*-
# 用 MoCo v2 自监督权重在 Stanford Dogs 上微调 (skorch)
import sys

import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Checkpoint, LRScheduler, ProgressBar
from skorch.helper import predefined_split
from torch import nn, optim
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.models import resnet50

MOCO = "moco_v2_800ep_pretrain.pth.tar"
NUM_DOGS = 120


class MocoDogs(nn.Module):
    def __init__(self, num_classes, moco_file=None):
        super().__init__()
        self.r50 = resnet50(weights=None)
        if moco_file is not None:
            self._take_moco(moco_file)
        self.r50.fc = nn.Linear(2048, num_classes)

    def _take_moco(self, moco_file):
        sd = torch.load(moco_file, map_location="cpu")["state_dict"]
        head = "module.encoder_q."
        # 只要 query 编码器, 去掉前缀; 投影头 (fc.*) 不要
        sd = {k[len(head):]: v for k, v in sd.items()
              if k.startswith(head) and not k.startswith(head + "fc.")}
        r = self.r50.load_state_dict(sd, strict=False)
        assert sorted(r.missing_keys) == ["fc.bias", "fc.weight"], r.missing_keys
        assert not r.unexpected_keys, r.unexpected_keys

    def forward(self, X):
        return self.r50(X)


if __name__ == "__main__":
    root = sys.argv[1]
    torch.manual_seed(0)

    # MoCo 预训练用的就是 ImageNet 的均值和方差
    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_ds = ImageFolder(root + "/train", transforms.Compose([
        transforms.RandomResizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        norm,
    ]))
    val_ds = ImageFolder(root + "/val", transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        norm,
    ]))
    assert train_ds.class_to_idx == val_ds.class_to_idx

    net = NeuralNetClassifier(
        MocoDogs,
        module__num_classes=NUM_DOGS,
        module__moco_file=MOCO,
        criterion=nn.CrossEntropyLoss,
        optimizer=optim.SGD,
        optimizer__momentum=0.9,
        optimizer__weight_decay=1e-4,
        lr=0.01,
        batch_size=64,
        max_epochs=40,
        iterator_train__shuffle=True,
        iterator_train__drop_last=True,
        iterator_train__num_workers=8,
        iterator_valid__num_workers=8,
        train_split=predefined_split(val_ds),
        classes=list(range(NUM_DOGS)),
        callbacks=[
            ("lr", LRScheduler(policy=optim.lr_scheduler.CosineAnnealingLR, T_max=40)),
            ("best", Checkpoint(monitor="valid_acc_best", dirname="dogs_moco")),
            ("bar", ProgressBar()),
        ],
        device="cuda",
    )
    net.fit(train_ds, y=None)
    print("验证集最好:", max(net.history[:, "valid_acc"]))
