import argparse

import torch
import torch.nn.functional as F
from composer import Trainer
from composer.algorithms import ChannelsLast, LabelSmoothing
from composer.callbacks import LRMonitor, SpeedMonitor
from composer.models import ComposerClassifier
from composer.optim import CosineAnnealingWithWarmupScheduler
from composer.utils import dist, reproducibility
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

CIFAR_MEAN = (0.5071, 0.4865, 0.4409)
CIFAR_STD = (0.2673, 0.2564, 0.2762)


class PreActBlock(nn.Module):
    def __init__(self, cin, cout, stride, p):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.p = p
        self.shortcut = None
        if stride != 1 or cin != cout:
            self.shortcut = nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        h = F.relu(self.bn1(x))
        skip = x if self.shortcut is None else self.shortcut(h)
        h = self.conv1(h)
        h = F.dropout(F.relu(self.bn2(h)), self.p, self.training)
        return self.conv2(h) + skip


class WideNet(nn.Module):
    def __init__(self, depth=16, widen=4, num_classes=100, p=0.1):
        super().__init__()
        n = (depth - 4) // 6
        widths = [16, 16 * widen, 32 * widen, 64 * widen]
        self.stem = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        blocks = []
        cin = widths[0]
        for cout, stride in zip(widths[1:], (1, 2, 2)):
            for i in range(n):
                blocks.append(PreActBlock(cin, cout, stride if i == 0 else 1, p))
                cin = cout
        self.blocks = nn.Sequential(*blocks)
        self.bn = nn.BatchNorm2d(cin)
        self.head = nn.Linear(cin, num_classes)

    def forward(self, x):
        x = F.relu(self.bn(self.blocks(self.stem(x))))
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


def dataloader(root, train, batch_size):
    if train:
        tf = transforms.Compose([
            transforms.RandomCrop(32, padding=4, padding_mode="reflect"),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(CIFAR_MEAN, CIFAR_STD),
        ])
    else:
        tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(CIFAR_MEAN, CIFAR_STD)])
    with dist.run_local_rank_zero_first():
        ds = datasets.CIFAR100(root, train=train, download=True, transform=tf)
    return DataLoader(
        ds,
        batch_size=batch_size // dist.get_world_size(),
        sampler=dist.get_sampler(ds, shuffle=train, drop_last=train),
        drop_last=train,
        num_workers=8,
        pin_memory=True,
        persistent_workers=True,
    )


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="/tmp/cifar100")
    ap.add_argument("--duration", default="120ep")
    ap.add_argument("--batch_size", type=int, default=128)
    ap.add_argument("--lr", type=float, default=0.1)
    ap.add_argument("--seed", type=int, default=17)
    ap.add_argument("--save_folder", default=None)
    args = ap.parse_args()

    reproducibility.seed_all(args.seed)
    model = ComposerClassifier(WideNet(num_classes=100), num_classes=100)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    trainer = Trainer(
        model=model,
        train_dataloader=dataloader(args.root, True, args.batch_size),
        eval_dataloader=dataloader(args.root, False, 512),
        max_duration=args.duration,
        eval_interval="5ep",
        optimizers=optimizer,
        schedulers=CosineAnnealingWithWarmupScheduler(t_warmup="4ep", alpha_f=0.0),
        algorithms=[LabelSmoothing(smoothing=0.1), ChannelsLast()],
        callbacks=[LRMonitor(), SpeedMonitor(window_size=50)],
        precision="amp_bf16",
        seed=args.seed,
        save_folder=args.save_folder,
        save_interval="20ep",
    )
    trainer.fit()
    print(trainer.state.eval_metric_values)


if __name__ == "__main__":
    main()
