import logging
import os

import torch

log = logging.getLogger("trainer")


class Meter:
    def __init__(self):
        self.sum, self.n = 0.0, 0

    def add(self, value, n):
        self.sum += value * n
        self.n += n

    @property
    def mean(self):
        return self.sum / max(self.n, 1)


class Trainer:
    """fit() runs cfg["epochs"] epochs and keeps the best weights in cfg["out"]."""

    def __init__(self, net, criterion, optimizer, scheduler, cfg):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.net = net.to(self.device)
        self.criterion = criterion
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.cfg = cfg
        self.best = 0.0

    def _update(self, images, targets):
        logits = self.net(images)
        loss = self.criterion(logits, targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        return loss.detach(), logits.detach()

    def train_epoch(self, loader):
        self.net.train()
        losses, accs = Meter(), Meter()
        for images, targets in loader:
            images, targets = images.to(self.device), targets.to(self.device)
            loss, logits = self._update(images, targets)
            losses.add(loss.item(), len(targets))
            accs.add((logits.argmax(1) == targets).float().mean().item(), len(targets))
        return losses.mean, accs.mean

    @torch.no_grad()
    def evaluate(self, loader):
        self.net.eval()
        accs = Meter()
        for images, targets in loader:
            images, targets = images.to(self.device), targets.to(self.device)
            accs.add((self.net(images).argmax(1) == targets).float().mean().item(), len(targets))
        return accs.mean

    def fit(self, train_loader, val_loader):
        os.makedirs(self.cfg["out"], exist_ok=True)
        for epoch in range(1, self.cfg["epochs"] + 1):
            loss, acc = self.train_epoch(train_loader)
            val = self.evaluate(val_loader)
            log.info("epoch %d  loss %.4f  acc %.4f  val %.4f", epoch, loss, acc, val)
            if val > self.best:
                self.best = val
                torch.save(self.net.state_dict(), os.path.join(self.cfg["out"], "best.pt"))
