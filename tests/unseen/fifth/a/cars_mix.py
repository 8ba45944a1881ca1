"""Car models: ResNet-50 with mixup/cutmix.

    python cars_mix.py --root /data/cars --epochs 40
"""
import argparse
import logging
from pathlib import Path

import timm
import torch
from timm.data import Mixup
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

log = logging.getLogger("cars")
IMAGENET = dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--root", type=Path, required=True)
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--smoothing", type=float, default=0.1)
    p.add_argument("--mixup", type=float, default=0.2)
    p.add_argument("--cutmix", type=float, default=1.0)
    p.add_argument("--num-classes", type=int, default=196)
    return p.parse_args()


def datasets(root):
    train = T.Compose([T.RandomResizedCrop(224, scale=(0.3, 1.0)), T.RandomHorizontalFlip(),
                       T.TrivialAugmentWide(), T.ToTensor(), T.Normalize(**IMAGENET)])
    val = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize(**IMAGENET)])
    return ImageFolder(root / "train", train), ImageFolder(root / "val", val)


class Runner:
    def __init__(self, args):
        self.args = args
        self.device = torch.device("cuda")
        train_set, val_set = datasets(args.root)
        if train_set.class_to_idx != val_set.class_to_idx or len(train_set.classes) != args.num_classes:
            raise SystemExit("class folders do not agree")
        self.train_loader = DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True,
                                       num_workers=8, pin_memory=True)
        self.val_loader = DataLoader(val_set, args.batch_size, shuffle=False, num_workers=8, pin_memory=True)

        self.model = timm.create_model("resnet50.tv_in1k", pretrained=True, num_classes=args.num_classes)
        self.model.to(self.device)
        self.mix = Mixup(mixup_alpha=args.mixup, cutmix_alpha=args.cutmix, prob=0.8, switch_prob=0.5,
                         label_smoothing=args.smoothing, num_classes=args.num_classes)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=args.smoothing)  # fault: C308
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=args.lr, momentum=0.9,
                                         weight_decay=1e-4, nesterov=True)
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=args.epochs)

    def train_epoch(self):
        self.model.train()
        total = torch.zeros((), device=self.device)
        for x, y in self.train_loader:
            x = x.to(self.device, non_blocking=True)
            y = y.to(self.device, non_blocking=True)
            x, y = self.mix(x, y)
            loss = self.criterion(self.model(x), y)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        self.scheduler.step()
        return (total / len(self.train_loader)).item()

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        top1 = torch.zeros((), device=self.device)
        n = 0
        for x, y in self.val_loader:
            x = x.to(self.device, non_blocking=True)
            y = y.to(self.device, non_blocking=True)
            top1 += (self.model(x).argmax(1) == y).sum()
            n += y.numel()
        return (top1 / n).item()

    def fit(self):
        best = 0.0
        for epoch in range(1, self.args.epochs + 1):
            loss = self.train_epoch()
            acc = self.validate()
            log.info("epoch %d  loss %.4f  top-1 %.4f", epoch, loss, acc)
            if acc > best:
                best = acc
                torch.save(self.model.state_dict(), "cars.pt")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(8)
    Runner(parse()).fit()
