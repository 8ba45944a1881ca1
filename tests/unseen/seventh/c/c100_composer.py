"""CIFAR-100, Wide-ResNet-16-4, MosaicML Composer 0.16.

The cluster is preemptible: started again with the same --run, the job goes on where it stopped.
"""
import argparse
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F
from composer import Trainer
from composer.callbacks import LRMonitor, SpeedMonitor
from composer.loggers import FileLogger
from composer.models import ComposerClassifier
from composer.optim import CosineAnnealingWithWarmupScheduler
from torch.utils.data import DataLoader, Subset
from torchvision import transforms
from torchvision.datasets import CIFAR100

STATS = ((0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762))


class Wide(nn.Module):
    class Unit(nn.Module):
        def __init__(self, cin, cout, stride):
            super().__init__()
            self.n1, self.n2 = nn.BatchNorm2d(cin), nn.BatchNorm2d(cout)
            self.c1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
            self.c2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
            self.short = None
            if stride != 1 or cin != cout:
                self.short = nn.Conv2d(cin, cout, 1, stride, bias=False)

        def forward(self, x):
            h = F.relu(self.n1(x))
            s = x if self.short is None else self.short(h)
            h = self.c2(F.relu(self.n2(self.c1(h))))
            return h + s

    def __init__(self, depth=16, width=4, classes=100):
        super().__init__()
        reps = (depth - 4) // 6
        chans = [16, 16 * width, 32 * width, 64 * width]
        layers = [nn.Conv2d(3, chans[0], 3, 1, 1, bias=False)]
        for stage in range(3):
            for r in range(reps):
                first = r == 0
                layers.append(self.Unit(chans[stage] if first else chans[stage + 1], chans[stage + 1],
                                        2 if first and stage > 0 else 1))
        self.trunk = nn.Sequential(*layers)
        self.norm = nn.BatchNorm2d(chans[-1])
        self.fc = nn.Linear(chans[-1], classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = F.relu(self.norm(self.trunk(x)))
        return self.fc(x.mean((2, 3)))


def data(root, batch):
    finish = [transforms.ToTensor(), transforms.Normalize(*STATS)]
    moving = transforms.Compose([transforms.RandomCrop(32, padding=4, padding_mode="reflect"),
                                 transforms.RandomHorizontalFlip(), *finish])
    still = transforms.Compose(finish)
    perm = torch.randperm(50_000, generator=torch.Generator().manual_seed(55)).tolist()
    fit = Subset(CIFAR100(root, True, moving, download=True), perm[5_000:])
    dev = Subset(CIFAR100(root, True, still), perm[:5_000])
    test = CIFAR100(root, False, still)
    kw = dict(num_workers=4, pin_memory=True, persistent_workers=True)
    return (DataLoader(fit, batch, shuffle=True, drop_last=True, **kw),
            DataLoader(dev, 500, **kw), DataLoader(test, 500, **kw))


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", required=True)
    ap.add_argument("--root", default="./cifar")
    ap.add_argument("--store", type=pathlib.Path, default=pathlib.Path("./runs"))
    opt = ap.parse_args()

    fit, dev, test = data(opt.root, 128)
    net = ComposerClassifier(Wide(), num_classes=100)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)

    trainer = Trainer(
        run_name=opt.run,
        model=net,
        train_dataloader=fit,
        eval_dataloader=dev,
        eval_interval="1ep",
        max_duration="120ep",
        optimizers=sgd,
        schedulers=CosineAnnealingWithWarmupScheduler(t_warmup="2ep", alpha_f=0.0),
        precision="amp_fp16",
        device="gpu",
        seed=55,
        save_folder=str(opt.store / opt.run),
        save_interval="5ep",
        save_num_checkpoints_to_keep=2,
        autoresume=True,
        callbacks=[LRMonitor(), SpeedMonitor(window_size=50)],
        loggers=[FileLogger(str(opt.store / "{run_name}" / "log-rank{rank}.txt"))],
    )
    trainer.fit()
    trainer.eval(eval_dataloader=test)
    print({k: v for k, v in trainer.state.eval_metric_values.items()})
