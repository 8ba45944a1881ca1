"""Training nach config.yaml.

    python fruitlab.py                      # neu
    python fruitlab.py --resume             # nach Abbruch weiter
"""
import argparse
import random
from pathlib import Path

import numpy as np
import torch
import yaml
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as T

import losses  # noqa: F401  trägt sich in die Register ein
import models  # noqa: F401
import optim  # noqa: F401
from registry import LOSSES, MODELS, OPTIMIZERS, SCHEDULES

HERE = Path(__file__).resolve().parent
NORM = T.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])


def seed_all(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def loaders(cfg):
    s = cfg['image_size']
    train_tf = T.Compose([
        T.RandomResizedCrop(s, scale=(0.6, 1.0), ratio=(0.9, 1.1)),
        T.RandomHorizontalFlip(),
        T.RandomVerticalFlip(),
        T.ToTensor(),
        NORM,
    ])
    val_tf = T.Compose([T.Resize((s, s)), T.ToTensor(), NORM])
    root = Path(cfg['data'])
    train = datasets.ImageFolder(root / 'train', train_tf)
    val = datasets.ImageFolder(root / 'val', val_tf)
    assert train.classes == val.classes == cfg['classes'], (train.classes, val.classes)
    kw = dict(num_workers=cfg['workers'], pin_memory=True)
    return (DataLoader(train, cfg['batch_size'], shuffle=True, drop_last=True, **kw),
            DataLoader(val, 2 * cfg['batch_size'], shuffle=False, **kw))


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.out = Path(cfg['out'])
        self.out.mkdir(parents=True, exist_ok=True)
        self.device = 'cuda' if torch.cuda.is_available() else 'cpu'
        self.train_dl, self.val_dl = loaders(cfg)
        self.model = MODELS.build(cfg['model'], num_classes=len(cfg['classes'])).to(self.device)
        self.loss = LOSSES.build(cfg['loss'])
        self.optimizer = OPTIMIZERS.build(cfg['optimizer'], self.model.parameters())
        self.schedule = SCHEDULES.build(
            cfg['schedule'], self.optimizer,
            steps_per_epoch=len(self.train_dl), epochs=cfg['epochs'])
        self.epoch = 0
        self.best = 0.0

    # -- Zustand ---------------------------------------------------------
    def parts(self):
        return {'model': self.model, 'optimizer': self.optimizer, 'schedule': self.schedule}

    def save(self, name):
        state = {k: v.state_dict() for k, v in self.parts().items()}
        state.update(epoch=self.epoch, best=self.best)
        torch.save(state, self.out / name)

    def load(self, name):
        state = torch.load(self.out / name, map_location=self.device)
        for k, v in self.parts().items():
            v.load_state_dict(state[k])
        self.epoch, self.best = state['epoch'], state['best']

    # -- Schleifen -------------------------------------------------------
    def train_epoch(self):
        self.model.train()
        total = torch.zeros((), device=self.device)
        for x, y in self.train_dl:
            x = x.to(self.device, non_blocking=True)
            y = y.to(self.device, non_blocking=True)
            loss = self.loss(self.model(x), y)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            total += loss.detach()
        return total.item() / len(self.train_dl)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        hits = torch.zeros((), device=self.device)
        for x, y in self.val_dl:
            pred = self.model(x.to(self.device)).argmax(1)
            hits += (pred == y.to(self.device)).sum()
        return hits.item() / len(self.val_dl.dataset)

    def fit(self):
        while self.epoch < self.cfg['epochs']:
            loss = self.train_epoch()
            acc = self.validate()
            self.epoch += 1
            print(f'{self.epoch:3d}  Verlust {loss:.4f}  val {acc:.4f}')
            if acc > self.best:
                self.best = acc
                self.save('bestes.pt')
            self.save('letztes.pt')


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--config', default=HERE / 'config.yaml', type=Path)
    ap.add_argument('--resume', action='store_true')
    args = ap.parse_args()

    cfg = yaml.safe_load(args.config.read_text(encoding='utf-8'))
    seed_all(cfg['seed'])
    trainer = Trainer(cfg)
    if args.resume:
        trainer.load('letztes.pt')
    trainer.fit()


if __name__ == '__main__':
    main()
