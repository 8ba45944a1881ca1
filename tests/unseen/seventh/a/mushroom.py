from __future__ import print_function

import random
from dataclasses import dataclass, field
from typing import List, Tuple

import cv2
import numpy as np
import pandas as pd
import torch
import torchvision
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torchvision.transforms import Compose, Normalize, ToTensor


@dataclass
class Settings:
    train_list: str = "lists/train.csv"
    valid_list: str = "lists/valid.csv"
    genera: List[str] = field(default_factory=lambda: [
        "Agaricus", "Amanita", "Boletus", "Cortinarius", "Entoloma", "Hygrocybe", "Lactarius", "Russula", "Suillus"])
    side: int = 240
    crop: int = 224
    batch: int = 40
    epochs: int = 30
    lr: float = 4e-4
    ema: float = 0.998
    seed: int = 31


class MushroomPhotos(torch.utils.data.Dataset):
    to_net = Compose([
        ToTensor(),
        Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    ])

    def __init__(self, csv_path: str, s: Settings, training: bool):
        sheet = pd.read_csv(csv_path)
        self.samples: List[Tuple[str, int]] = [(r.path, s.genera.index(r.genus)) for r in sheet.itertuples()]
        self.s = s
        self.training = training

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, target = self.samples[index]
        photo = cv2.imread(path)
        photo = cv2.cvtColor(photo, cv2.COLOR_BGR2RGB).astype(np.float32) / 255.0
        photo = cv2.resize(photo, (self.s.side, self.s.side), interpolation=cv2.INTER_AREA)

        room = self.s.side - self.s.crop
        top, left = (random.randint(0, room), random.randint(0, room)) if self.training else (room // 2, room // 2)
        photo = photo[top:top + self.s.crop, left:left + self.s.crop]
        if self.training:
            if random.random() < 0.5:
                photo = cv2.flip(photo, 1)
            gain = random.uniform(0.8, 1.2)
            photo = np.clip(photo * np.float32(gain), 0.0, 1.0)
        return self.to_net(np.ascontiguousarray(photo)), target


class Session:
    def __init__(self, s: Settings):
        self.s = s
        torch.manual_seed(s.seed)
        random.seed(s.seed)
        self.dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        mk = torch.utils.data.DataLoader
        self.train = mk(MushroomPhotos(s.train_list, s, True), s.batch, shuffle=True, num_workers=8, drop_last=True)
        self.valid = mk(MushroomPhotos(s.valid_list, s, False), s.batch, shuffle=False, num_workers=8)

        self.net = torchvision.models.mobilenet_v3_large(weights="IMAGENET1K_V2")
        last = self.net.classifier[-1]
        self.net.classifier[-1] = torch.nn.Linear(last.in_features, len(s.genera))
        self.net.to(self.dev)
        # running mean of the weights, and of batch norm's buffers too
        self.mean_net = AveragedModel(self.net, multi_avg_fn=get_ema_multi_avg_fn(s.ema), use_buffers=True)
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=s.lr)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, s.epochs, eta_min=1e-6)
        self.loss = torch.nn.CrossEntropyLoss(label_smoothing=0.05)

    def learn(self):
        self.net.train()
        total = 0.0
        for x, y in self.train:
            x, y = x.to(self.dev), y.to(self.dev)
            value = self.loss(self.net(x), y)
            self.opt.zero_grad()
            value.backward()
            self.opt.step()
            self.mean_net.update_parameters(self.net)
            total += value.item()
        self.sched.step()
        return total / len(self.train)

    def measure(self, net):
        net.eval()
        right = 0
        with torch.no_grad():
            for x, y in self.valid:
                right += int((net(x.to(self.dev)).argmax(1).cpu() == y).sum())
        return right / len(self.valid.dataset)

    def go(self):
        for epoch in range(1, self.s.epochs + 1):
            value = self.learn()
            print("%2d/%d  loss %.4f  valid %.4f  valid(mean) %.4f" % (
                epoch, self.s.epochs, value, self.measure(self.net), self.measure(self.mean_net)))
        torch.save(self.mean_net.module.state_dict(), "mushroom_mean.pt")


if __name__ == "__main__":
    Session(Settings()).go()
