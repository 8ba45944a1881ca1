"""CIFAR-100 / ResNet-18 with MosaicML Composer on one GPU."""
import os

import torch
import torchvision
from composer import Trainer
from composer.algorithms import ChannelsLast, LabelSmoothing
from composer.callbacks import LRMonitor, SpeedMonitor
from composer.models import ComposerClassifier
from composer.optim import CosineAnnealingWithWarmupScheduler
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms

DATA = os.environ.get("CIFAR_DIR", "./data")
BATCH = 128
EPOCHS = 120
MEAN = (0.5071, 0.4865, 0.4409)
STD = (0.2673, 0.2564, 0.2762)


def build_loaders():
    train_tf = transforms.Compose([
        transforms.RandomCrop(32, padding=4),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    eval_tf = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    train_set = torchvision.datasets.CIFAR100(DATA, train=True, download=True, transform=train_tf)
    eval_set = torchvision.datasets.CIFAR100(DATA, train=False, download=True, transform=eval_tf)
    train_dl = DataLoader(train_set, batch_size=BATCH, shuffle=True, drop_last=True,
                          num_workers=8, pin_memory=True, persistent_workers=True)
    eval_dl = DataLoader(eval_set, batch_size=512, shuffle=False, num_workers=8,
                         pin_memory=True, persistent_workers=True)
    return train_dl, eval_dl


def build_model():
    net = torchvision.models.resnet18(weights=None, num_classes=100)
    # 32x32 inputs: keep the resolution in the first block
    net.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
    nn.init.kaiming_normal_(net.conv1.weight, mode="fan_out", nonlinearity="relu")
    net.maxpool = nn.Identity()
    return ComposerClassifier(
        module=net,
        num_classes=100,
        loss_fn=nn.CrossEntropyLoss(label_smoothing=0.1),  # fault: C308
    )


def main():
    train_dl, eval_dl = build_loaders()
    model = build_model()

    optimizer = torch.optim.SGD(
        model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)

    trainer = Trainer(
        model=model,
        train_dataloader=train_dl,
        eval_dataloader=eval_dl,
        eval_interval="2ep",
        max_duration=f"{EPOCHS}ep",
        optimizers=optimizer,
        schedulers=CosineAnnealingWithWarmupScheduler(t_warmup="5ep"),
        algorithms=[ChannelsLast(), LabelSmoothing(smoothing=0.1)],
        callbacks=[LRMonitor(), SpeedMonitor(window_size=50)],
        precision="amp_fp16",
        device="gpu",
        seed=17,
        save_folder="ckpt/cifar100",
        save_interval="20ep",
        run_name="r18-cifar100",
    )
    trainer.fit()
    print(trainer.state.eval_metrics)


if __name__ == "__main__":
    main()
