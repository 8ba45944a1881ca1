"""Product photos from tar shards -> ResNet-50.

Shards hold  <key>.jpg  and  <key>.cls  (class number as text).
"""
import argparse

import torch
import webdataset as wds
from torch import nn
from torchvision import models
from torchvision.transforms import v2

CLASSES = 87


def get_args():
    ap = argparse.ArgumentParser()
    ap.add_argument("--train-shards", default="/data/products/train-{000000..000119}.tar")
    ap.add_argument("--val-shards", default="/data/products/val-{000000..000011}.tar")
    ap.add_argument("--train-samples", type=int, required=True)
    ap.add_argument("--epochs", type=int, default=18)
    ap.add_argument("--batch", type=int, default=96)
    ap.add_argument("--lr", type=float, default=0.01)
    ap.add_argument("--workers", type=int, default=8)
    return ap.parse_args()


def make_loader(urls, transform, batch, workers, train, steps=None):
    ds = wds.WebDataset(urls, resampled=train, shardshuffle=False)
    if train:
        ds = ds.shuffle(4000)
    ds = ds.decode("pil").to_tuple("jpg", "cls").map_tuple(transform, int).batched(batch, partial=not train)
    loader = wds.WebLoader(ds, batch_size=None, num_workers=workers, pin_memory=True)
    if train:
        loader = loader.unbatched().shuffle(2000).batched(batch).with_epoch(steps)
    return loader


def main():
    a = get_args()
    torch.manual_seed(0)
    dev = torch.device("cuda")

    to_float = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])]
    train_tf = v2.Compose([v2.RGB(), v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip(), *to_float])
    val_tf = v2.Compose([v2.RGB(), v2.Resize(256, antialias=True), v2.CenterCrop(224), *to_float])

    steps = a.train_samples // a.batch
    train = make_loader(a.train_shards, train_tf, a.batch, a.workers, True, steps)
    val = make_loader(a.val_shards, val_tf, a.batch, 4, False)

    model = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V1)
    model.fc = nn.Linear(model.fc.in_features, CLASSES)
    model.to(dev, memory_format=torch.channels_last)

    opt = torch.optim.SGD(model.parameters(), lr=a.lr, momentum=0.9, weight_decay=5e-5)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=a.lr, total_steps=steps * a.epochs, pct_start=0.1)
    scaler = torch.amp.GradScaler("cuda")
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(a.epochs):
        model.train()
        seen_loss, batches = torch.zeros((), device=dev), 0
        for x, y in train:
            x = x.to(dev, non_blocking=True, memory_format=torch.channels_last)
            y = torch.as_tensor(y).to(dev, non_blocking=True)
            opt.zero_grad(set_to_none=True)
            with torch.autocast("cuda", dtype=torch.float16):
                loss = loss_fn(model(x), y)
            scaler.scale(loss).backward()
            scaler.step(opt)
            scaler.update()
            sched.step()
            seen_loss += loss.detach()
            batches += 1

        model.eval()
        top1, n = torch.zeros((), device=dev), 0
        with torch.inference_mode(), torch.autocast("cuda", dtype=torch.float16):
            for x, y in val:
                y = torch.as_tensor(y).to(dev)
                top1 += (model(x.to(dev, non_blocking=True)).argmax(1) == y).sum()
                n += y.numel()
        print(f"epoch {epoch}: loss {seen_loss.item() / batches:.4f}  val top-1 {top1.item() / n:.4f}", flush=True)
        torch.save({"model": model.state_dict(), "epoch": epoch}, "last.pt")


if __name__ == "__main__":
    main()
