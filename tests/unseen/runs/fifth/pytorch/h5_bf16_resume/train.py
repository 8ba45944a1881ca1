import argparse
import os

import h5py
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
import timm

MEAN = torch.tensor([0.49, 0.48, 0.45]).view(1, 3, 1, 1)
STD = torch.tensor([0.25, 0.24, 0.26]).view(1, 3, 1, 1)


def dataset(path, group):
    with h5py.File(path) as f:
        x = np.moveaxis(f[group]["images"][...], -1, 1)
        y = f[group]["labels"][...].astype("int64")
    return TensorDataset(torch.from_numpy(np.ascontiguousarray(x)), torch.from_numpy(y))


def prepare(x, train):
    x = (x.float() / 255 - MEAN) / STD
    if train:
        flip = torch.rand(len(x), 1, 1, 1) < 0.5
        x = torch.where(flip, x.flip(3), x)
        if torch.rand(()) < 0.5:  # cut a square out
            r, c = torch.randint(0, 36, (2,)).tolist()
            x[:, :, r:r + 12, c:c + 12] = 0
    return x.contiguous(memory_format=torch.channels_last)


def save(path, **objects):
    torch.save({k: (v.state_dict() if hasattr(v, "state_dict") else v) for k, v in objects.items()}, path + ".tmp")
    os.replace(path + ".tmp", path)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--file", default="pics.h5")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--warmup", type=int, default=60, help="in steps")
    ap.add_argument("--ckpt", default="h5_bf16_last.pt")
    args = ap.parse_args()
    torch.manual_seed(13)
    train = DataLoader(dataset(args.file, "train"), batch_size=32, shuffle=True, drop_last=True)
    val = DataLoader(dataset(args.file, "val"), batch_size=100)

    model = timm.create_model("resnet10t", num_classes=10).to(memory_format=torch.channels_last)
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=2e-4)
    steps = args.epochs * len(train)
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: s / args.warmup if s < args.warmup else max(0.0, 1 - (s - args.warmup) / (steps - args.warmup)))
    first, best = 0, 0.0
    if os.path.exists(args.ckpt):
        c = torch.load(args.ckpt)
        model.load_state_dict(c["model"])
        opt.load_state_dict(c["opt"])
        sched.load_state_dict(c["sched"])
        first, best = c["epoch"] + 1, c["best"]
        torch.set_rng_state(c["rng"])
        print(f"goes on at epoch {first}")

    criterion = nn.CrossEntropyLoss()
    for epoch in range(first, args.epochs):
        model.train()
        for x, y in train:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = model(prepare(x, True))
                loss = criterion(out, y)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()
        model.eval()
        right = 0
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for x, y in val:
                right += (model(prepare(x, False)).argmax(1) == y).sum().item()
        acc = right / len(val.dataset)
        best = max(best, acc)
        print(f"epoch {epoch} lr {opt.param_groups[0]['lr']:.4f} loss {loss.item():.3f} val {acc:.4f} best {best:.4f}", flush=True)
        save(args.ckpt, model=model, opt=opt, sched=sched, epoch=epoch, best=best, rng=torch.get_rng_state())


if __name__ == "__main__":
    main()
