"""Fine-grained birds (CUB-200-2011), ResNet-50 that starts from our iNaturalist checkpoint.

The folder is split into train/ and test/ by the official list (200 folders each).
"""
import argparse
import logging
from pathlib import Path

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import models
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

log = logging.getLogger("birds")


def get_args(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--checkpoint", type=Path, default="weights/inat_resnet50.pth", help="starting weights")  # fault: C324
    parser.add_argument("--output", type=Path, default=Path("out/birds"))
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--label-smoothing", type=float, default=0.1)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=123)
    return parser.parse_args(argv)


def make_transforms():
    tail = [
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
    train = v2.Compose([v2.RandomResizedCrop(448, scale=(0.3, 1.0), antialias=True), v2.RandomHorizontalFlip(), *tail])
    test = v2.Compose([v2.Resize(512, antialias=True), v2.CenterCrop(448), *tail])
    return train, test


def make_model(num_classes):
    model = models.resnet50(weights=None)
    model.fc = nn.Linear(model.fc.in_features, num_classes)
    return model


class Trainer:
    def __init__(self, args):
        self.args = args
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        train_tf, test_tf = make_transforms()
        self.train_set = ImageFolder(args.data / "train", train_tf)
        self.test_set = ImageFolder(args.data / "test", test_tf)
        if self.train_set.classes != self.test_set.classes:
            raise ValueError("train and test have different classes")
        common = dict(num_workers=args.workers, pin_memory=True, persistent_workers=args.workers > 0)
        self.train_loader = DataLoader(self.train_set, args.batch_size, shuffle=True, drop_last=True, **common)
        self.test_loader = DataLoader(self.test_set, args.batch_size * 2, **common)

        self.model = make_model(len(self.train_set.classes)).to(self.device)
        self.criterion = nn.CrossEntropyLoss(label_smoothing=args.label_smoothing)
        self.optimizer = optim.SGD(
            self.model.parameters(), lr=args.lr, momentum=args.momentum, weight_decay=args.weight_decay
        )
        self.scheduler = optim.lr_scheduler.CosineAnnealingLR(self.optimizer, args.epochs)

    def train_epoch(self):
        self.model.train()
        total = torch.zeros((), device=self.device)
        for x, y in self.train_loader:
            x, y = x.to(self.device, non_blocking=True), y.to(self.device, non_blocking=True)
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        self.scheduler.step()
        return total.item() / len(self.train_loader)

    @torch.inference_mode()
    def test(self):
        self.model.eval()
        hits = torch.zeros((), device=self.device)
        for x, y in self.test_loader:
            logits = self.model(x.to(self.device, non_blocking=True))
            hits += (logits.argmax(1) == y.to(self.device, non_blocking=True)).sum()
        return hits.item() / len(self.test_set)

    def run(self):
        self.args.output.mkdir(parents=True, exist_ok=True)
        for epoch in range(1, self.args.epochs + 1):
            loss = self.train_epoch()
            log.info("epoch %d/%d  loss %.4f  lr %.2e", epoch, self.args.epochs, loss, self.scheduler.get_last_lr()[0])
            torch.save(self.model.state_dict(), self.args.output / "last.pth")
        log.info("test accuracy %.4f", self.test())


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    args = get_args()
    torch.manual_seed(args.seed)
    Trainer(args).run()


if __name__ == "__main__":
    main()
