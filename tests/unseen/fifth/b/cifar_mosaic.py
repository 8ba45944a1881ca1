"""CIFAR-10 with MosaicML Composer and a small residual network."""
import torch
from composer import Trainer
from composer.core import Evaluator
from composer.models import ComposerClassifier
from composer.optim import CosineAnnealingWithWarmupScheduler
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchmetrics.classification import MulticlassAccuracy
from torchvision import datasets, transforms

SEED = 17
BATCH_SIZE = 256
NUM_CLASSES = 10
MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)


def conv(in_channels, out_channels, pool=False):
    parts = [
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    ]
    if pool:
        parts.append(nn.MaxPool2d(2))
    return nn.Sequential(*parts)


class Skip(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels), conv(channels, channels))

    def forward(self, x):
        return x + self.body(x)


class TinyResNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.layers = nn.Sequential(
            conv(3, 64),
            conv(64, 128, pool=True),
            Skip(128),
            conv(128, 256, pool=True),
            conv(256, 512, pool=True),
            Skip(512),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Linear(512, num_classes)

    def forward(self, x):
        return self.head(self.layers(x))


def build_loaders(root="./data", workers=6):
    train_tf = transforms.Compose(
        [
            transforms.RandomCrop(32, padding=4),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )
    plain_tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, STD)])

    train_all = datasets.CIFAR10(root, train=True, transform=train_tf, download=True)
    plain_all = datasets.CIFAR10(root, train=True, transform=plain_tf)
    test_set = datasets.CIFAR10(root, train=False, transform=plain_tf)
    order = torch.randperm(len(train_all), generator=torch.Generator().manual_seed(SEED)).tolist()

    train_loader = DataLoader(
        Subset(train_all, order[5000:]),
        batch_size=BATCH_SIZE,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        pin_memory=True,
    )
    val_loader = DataLoader(Subset(plain_all, order[:5000]), batch_size=512, num_workers=workers)
    test_loader = DataLoader(test_set, batch_size=512, num_workers=workers)
    return train_loader, val_loader, test_loader


def as_evaluator(label, loader):
    return Evaluator(label=label, dataloader=loader, metric_names=["MulticlassAccuracy"])


def main():
    train_loader, val_loader, test_loader = build_loaders()

    model = ComposerClassifier(
        module=TinyResNet(NUM_CLASSES),
        num_classes=NUM_CLASSES,
        loss_fn=nn.functional.cross_entropy,
        val_metrics=MulticlassAccuracy(num_classes=NUM_CLASSES, average="micro"),
    )
    optimizer = torch.optim.SGD(
        model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    trainer = Trainer(
        model=model,
        train_dataloader=train_loader,
        eval_dataloader=as_evaluator("val", val_loader),
        max_duration="50ep",
        optimizers=optimizer,
        schedulers=CosineAnnealingWithWarmupScheduler(t_warmup="3ep"),
        precision="amp_bf16",
        device="gpu",
        seed=SEED,
        save_folder="checkpoints",
        save_interval="10ep",
    )
    trainer.fit()
    trainer.eval(eval_dataloader=as_evaluator("test", test_loader))
    print(trainer.state.eval_metrics["test"])


if __name__ == "__main__":
    main()
