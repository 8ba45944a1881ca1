import logging

import hydra
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from torch.nn.utils import clip_grad_norm_
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import EuroSAT
from torchvision.transforms import v2 as tv

log = logging.getLogger(__name__)


def make_loaders(d: DictConfig, seed: int):
    tail = [tv.ToImage(), tv.ToDtype(torch.float32, scale=True),
            tv.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    noisy = tv.Compose([tv.Resize((d.side, d.side)), tv.RandomHorizontalFlip(), tv.RandomVerticalFlip(), *tail])
    clean = tv.Compose([tv.Resize((d.side, d.side)), *tail])

    with_aug = EuroSAT(d.root, transform=noisy, download=True)
    without = EuroSAT(d.root, transform=clean)
    n = len(without)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()
    n_test, n_val = int(n * d.test_share), int(n * d.val_share)
    test_ids, val_ids, train_ids = order[:n_test], order[n_test:n_test + n_val], order[n_test + n_val:]

    common = dict(num_workers=d.workers, pin_memory=True)
    return (
        DataLoader(Subset(with_aug, train_ids), d.batch, shuffle=True, drop_last=True, **common),
        DataLoader(Subset(without, val_ids), 2 * d.batch, **common),
        DataLoader(Subset(without, test_ids), 2 * d.batch, **common),
    )


class Fitter:
    def __init__(self, cfg: DictConfig):
        self.cfg = cfg
        self.dev = "cuda"
        self.net = instantiate(cfg.net).to(self.dev)
        self.opt = instantiate(cfg.optim, params=self.net.parameters())
        self.sched = instantiate(cfg.sched, optimizer=self.opt)
        self.scaler = torch.amp.GradScaler("cuda")
        self.criterion = torch.nn.CrossEntropyLoss()

    def one_epoch(self, loader):
        self.net.train()
        total, count = 0.0, 0
        for img, target in loader:
            img = img.to(self.dev, non_blocking=True)
            target = target.to(self.dev, non_blocking=True)
            self.opt.zero_grad(set_to_none=True)
            with torch.autocast("cuda", dtype=torch.float16):
                loss = self.criterion(self.net(img), target)
            self.scaler.scale(loss).backward()
            clip_grad_norm_(self.net.parameters(), self.cfg.clip)  # fault: C343
            self.scaler.step(self.opt)
            self.scaler.update()
            total += loss.item() * len(target)
            count += len(target)
        self.sched.step()
        return total / count

    @torch.inference_mode()
    def score(self, loader):
        self.net.eval()
        good = torch.zeros((), device=self.dev)
        n = 0
        for img, target in loader:
            with torch.autocast("cuda", dtype=torch.float16):
                out = self.net(img.to(self.dev))
            good += (out.argmax(-1) == target.to(self.dev)).sum()
            n += len(target)
        return (good / n).item()


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def run(cfg: DictConfig) -> float:
    log.info("\n%s", OmegaConf.to_yaml(cfg, resolve=True))
    torch.manual_seed(cfg.seed)
    train, val, test = make_loaders(cfg.data, cfg.seed)
    fit = Fitter(cfg)
    top = 0.0
    for ep in range(1, cfg.epochs + 1):
        loss = fit.one_epoch(train)
        acc = fit.score(val)
        log.info("epoch %d  loss %.4f  val %.4f", ep, loss, acc)
        if acc > top:
            top = acc
            torch.save(fit.net.state_dict(), "eurosat_best.pt")
    fit.net.load_state_dict(torch.load("eurosat_best.pt"))
    log.info("test %.4f", fit.score(test))
    return top


if __name__ == "__main__":
    run()
