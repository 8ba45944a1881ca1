"""Teach a small network (MobileNetV3-Small) what a large one (ResNet-101) knows about 102 flowers.

The large one was fine-tuned before; its state dict comes from --teacher-weights.
Pictures: <data>/train/<flower>/*.jpg and <data>/valid/<flower>/*.jpg
"""
import argparse
import copy
import logging
import sys
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

log = logging.getLogger("distill")
NUM_FLOWERS = 102
IMAGENET = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


@dataclass
class Settings:
    data: str = "flowers"
    teacher_weights: str = "resnet101_flowers.pth"
    epochs: int = 80
    batch_size: int = 64
    lr: float = 1e-3
    weight_decay: float = 0.01
    temperature: float = 4.0
    soft: float = 0.7
    workers: int = 4
    seed: int = 123

    @classmethod
    def from_command_line(cls):
        parser = argparse.ArgumentParser(description=__doc__,
                                         formatter_class=argparse.RawDescriptionHelpFormatter)
        for field in cls.__dataclass_fields__.values():
            parser.add_argument("--" + field.name.replace("_", "-"), type=field.type, default=field.default)
        return cls(**vars(parser.parse_args()))


def make_student():
    net = models.mobilenet_v3_small(weights=models.MobileNet_V3_Small_Weights.IMAGENET1K_V1)
    net.classifier[-1] = nn.Linear(net.classifier[-1].in_features, NUM_FLOWERS)
    return net


def make_teacher(path):
    net = models.resnet101(weights=None)
    net.fc = nn.Linear(net.fc.in_features, NUM_FLOWERS)
    net.load_state_dict(torch.load(path, map_location="cpu"))
    net.eval()
    return net.requires_grad_(False)


class DistillationLoss(nn.Module):
    def __init__(self, temperature, soft):
        super().__init__()
        self.t, self.soft = temperature, soft

    def forward(self, student, teacher, target):
        kd = F.kl_div(F.log_softmax(student / self.t, 1), F.log_softmax(teacher / self.t, 1),
                      reduction="batchmean", log_target=True) * self.t ** 2
        return self.soft * kd + (1 - self.soft) * F.cross_entropy(student, target)


class Distiller:
    def __init__(self, s: Settings):
        self.s = s
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.teacher = make_teacher(s.teacher_weights).to(self.device)
        self.student = make_student().to(self.device)
        self.criterion = DistillationLoss(s.temperature, s.soft)
        self.optimizer = torch.optim.AdamW(self.student.parameters(), lr=s.lr, weight_decay=s.weight_decay)
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, T_max=s.epochs, eta_min=1e-6)
        self.train_data, self.val_data = self._data()

    def _data(self):
        last = [transforms.ToTensor(), transforms.Normalize(**IMAGENET)]
        train_tf = transforms.Compose([
            transforms.RandomResizedCrop(224, scale=(0.4, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.RandomRotation(20),
        ] + last)
        val_tf = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)] + last)
        train = datasets.ImageFolder(self.s.data + "/train", train_tf)
        val = datasets.ImageFolder(self.s.data + "/valid", val_tf)
        kw = dict(batch_size=self.s.batch_size, num_workers=self.s.workers, pin_memory=True)
        return DataLoader(train, shuffle=True, drop_last=True, **kw), DataLoader(val, **kw)

    def _to(self, batch):
        return [t.to(self.device, non_blocking=True) for t in batch]

    def run_epoch(self):
        self.student.train()
        total = torch.zeros((), device=self.device)
        for batch in self.train_data:
            x, y = self._to(batch)
            with torch.no_grad():
                wanted = self.teacher(x)
            loss = self.criterion(self.student(x), wanted, y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        self.scheduler.step()
        return total.item() / len(self.train_data)

    @torch.no_grad()
    def accuracy(self, net):
        net.eval()
        hits = torch.zeros((), device=self.device)
        for batch in self.val_data:
            x, y = self._to(batch)
            hits += (net(x).argmax(1) == y).sum()
        return hits.item() / len(self.val_data.dataset)

    def run(self):
        log.info("teacher: %.4f on the validation pictures", self.accuracy(self.teacher))
        best, kept = -1.0, None
        for epoch in range(1, self.s.epochs + 1):
            loss = self.run_epoch()
            acc = self.accuracy(self.student)
            log.info("epoch %d/%d  loss %.4f  valid %.4f", epoch, self.s.epochs, loss, acc)
            if acc > best:
                best, kept = acc, copy.deepcopy(self.student.state_dict())
        torch.save(kept, "mobilenet_flowers.pth")


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s")
    settings = Settings.from_command_line()
    torch.manual_seed(settings.seed)
    Distiller(settings).run()
