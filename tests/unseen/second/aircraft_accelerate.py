# Sound.
# FGVC-Aircraft, ViT-S, mixup à la main, 🤗 Accelerate.
import math
from types import SimpleNamespace

import numpy as np
import timm
import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.utils.data import DataLoader
from torchvision.datasets import FGVCAircraft
from torchvision.transforms import v2 as T
from transformers import get_cosine_schedule_with_warmup

hp = SimpleNamespace(
    arch="vit_small_patch16_224.augreg_in21k_ft_in1k",
    variants=100,
    px=224,
    micro_batch=32,
    accumulate=2,
    epochs=45,
    lr=1e-4,
    wd=0.05,
    mixup=0.2,
    seed=1234,
)
# the augreg ViTs were trained on [-1, 1]
HALF = (0.5, 0.5, 0.5)


def tensor_steps():
    return [T.ToImage(), T.ToDtype(torch.float32, scale=True), T.Normalize(HALF, HALF)]


def datasets():
    tr = T.Compose([T.RandomResizedCrop(hp.px, scale=(0.5, 1.0)), T.RandomHorizontalFlip(), *tensor_steps()])
    te = T.Compose([T.Resize((hp.px, hp.px)), *tensor_steps()])
    return (
        FGVCAircraft("aircraft", split="trainval", transform=tr, download=True),
        FGVCAircraft("aircraft", split="test", transform=te, download=True),
    )


def blend(x, y, rng):
    lam = float(rng.beta(hp.mixup, hp.mixup))
    other = torch.randperm(x.size(0), device=x.device)
    return torch.lerp(x[other], x, lam), y, y[other], lam


def evaluate(acc, model, loader):
    model.eval()
    hits, n = 0, 0
    for x, y in loader:
        with torch.no_grad():
            p = model(x).argmax(-1)
        p, y = acc.gather_for_metrics((p, y))
        hits += (p == y).sum().item()
        n += y.numel()
    return hits / n


def main():
    acc = Accelerator(mixed_precision="bf16", gradient_accumulation_steps=hp.accumulate)
    set_seed(hp.seed)
    rng = np.random.default_rng(hp.seed)
    train_ds, test_ds = datasets()
    train = DataLoader(train_ds, batch_size=hp.micro_batch, shuffle=True, num_workers=8, drop_last=True)
    test = DataLoader(test_ds, batch_size=128, num_workers=8)

    model = timm.create_model(hp.arch, pretrained=True, num_classes=hp.variants)
    optim = torch.optim.AdamW(model.parameters(), lr=hp.lr, weight_decay=hp.wd)
    model, optim, train, test = acc.prepare(model, optim, train, test)

    # a prepared scheduler moves num_processes times for each real optimizer step
    updates = math.ceil(len(train) / hp.accumulate) * hp.epochs * acc.num_processes
    sched = acc.prepare(get_cosine_schedule_with_warmup(optim, updates // 20, updates))

    for epoch in range(hp.epochs):
        model.train()
        for x, y in train:
            # step / zero_grad / sched.step do nothing until the group of micro-batches is full
            with acc.accumulate(model):
                x, a, b, lam = blend(x, y, rng)
                out = model(x)
                loss = lam * F.cross_entropy(out, a) + (1 - lam) * F.cross_entropy(out, b)
                acc.backward(loss)
                if acc.sync_gradients:
                    acc.clip_grad_norm_(model.parameters(), 1.0)
                optim.step()
                sched.step()
                optim.zero_grad()
        acc.print(f"epoch {epoch} last loss {loss.item():.3f}")
    acc.print(f"test {evaluate(acc, model, test):.4f}")
    acc.wait_for_everyone()
    acc.save(acc.unwrap_model(model).state_dict(), "aircraft_vit.pt")


if __name__ == "__main__":
    main()
