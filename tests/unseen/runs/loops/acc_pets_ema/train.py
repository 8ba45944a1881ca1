import copy
import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace

import timm
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2


class FlatFolder(Dataset):
    def __init__(self, paths, classes, transform):
        self.paths = paths
        self.targets = [classes.index(p.stem.split("_")[0]) for p in paths]
        self.transform = transform

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        with Image.open(self.paths[i]) as im:
            return self.transform(im.convert("RGB")), self.targets[i]


class EMA:
    """Exponential moving average of the weights; used for validation only."""

    def __init__(self, model, decay):
        self.decay = decay
        self.module = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for e, m in zip(self.module.state_dict().values(), model.state_dict().values()):
            if e.dtype.is_floating_point:
                e.mul_(self.decay).add_(m, alpha=1 - self.decay)
            else:
                e.copy_(m)


def split(root, seed):
    files = sorted(Path(root).glob("*.jpg"))
    classes = sorted({f.stem.split("_")[0] for f in files})
    order = torch.randperm(len(files), generator=torch.Generator().manual_seed(seed)).tolist()
    n = len(files) // 6
    pick = lambda ids: [files[i] for i in ids]
    return pick(order[n:]), pick(order[:n]), classes


def transforms(size):
    tail = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    train = v2.Compose([v2.RandomResizedCrop(size, scale=(0.5, 1)), v2.RandomHorizontalFlip(), *tail])
    valid = v2.Compose([v2.Resize((size, size)), *tail])
    return train, valid


def main(cfg):
    set_seed(cfg.seed)
    accelerator = Accelerator(gradient_accumulation_steps=cfg.accumulation, step_scheduler_with_optimizer=False)
    train_files, val_files, classes = split(cfg.root, cfg.seed)
    ttf, vtf = transforms(cfg.image_size)
    train_dl = DataLoader(FlatFolder(train_files, classes, ttf), cfg.batch_size, shuffle=True, drop_last=True, num_workers=2)
    val_dl = DataLoader(FlatFolder(val_files, classes, vtf), cfg.batch_size, num_workers=2)

    model = timm.create_model(cfg.arch, num_classes=len(classes), drop_rate=0.1)
    decay = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": cfg.weight_decay},
                                   {"params": rest, "weight_decay": 0.0}], lr=cfg.lr)
    updates = math.ceil(len(train_dl) / cfg.accumulation)
    warm, total = cfg.warmup_epochs * updates, cfg.epochs * updates

    def curve(u):
        if u < warm:
            return (u + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (u - warm) / (total - warm)))

    scheduler = LambdaLR(optimizer, curve)
    model, optimizer, train_dl, val_dl = accelerator.prepare(model, optimizer, train_dl, val_dl)
    ema = EMA(accelerator.unwrap_model(model), cfg.ema_decay)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(cfg.epochs):
        model.train()
        for x, y in train_dl:
            with accelerator.accumulate(model):
                loss = criterion(model(x), y)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), cfg.clip)
                optimizer.step()
                if accelerator.sync_gradients:
                    scheduler.step()
                    ema.update(accelerator.unwrap_model(model))
                optimizer.zero_grad()

        good = seen = 0
        with torch.no_grad():
            for x, y in val_dl:
                p, t = accelerator.gather_for_metrics((ema.module(x).argmax(1), y))
                good += (p == t).sum().item()
                seen += len(t)
        accelerator.print(f"[{epoch:03d}] last loss {loss.item():.3f}  ema accuracy {good / seen:.3f}")
    accelerator.save(ema.module.state_dict(), "pets_ema.pt")


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    cfg = json.loads((Path(sys.argv[1]) if len(sys.argv) > 1 else here / "settings.json").read_text())
    main(SimpleNamespace(**cfg))
