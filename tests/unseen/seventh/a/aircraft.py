"""Fine-tune ResNet-50 on FGVC-Aircraft (100 variants) in mixed precision.

Two ways to begin from a file:
    --resume    last.pth.tar of a run that was cut off; goes on exactly where it stopped
    --init-from weights of another finished run (for instance at lower resolution); a new run starts at epoch 0
"""
import argparse
import math
import os
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, models
from torchvision import transforms as tvt


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", default="data")
    p.add_argument("--output", default="out_aircraft")
    p.add_argument("-b", "--batch-size", default=32, type=int)
    p.add_argument("-j", "--workers", default=8, type=int)
    p.add_argument("--epochs", default=50, type=int)
    p.add_argument("--lr", default=0.01, type=float)
    p.add_argument("--wd", default=1e-4, type=float)
    p.add_argument("--warmup-epochs", default=2, type=int)
    p.add_argument("--crop", default=448, type=int)
    p.add_argument("--clip", default=5.0, type=float)
    p.add_argument("--seed", default=0, type=int)
    p.add_argument("--resume", default="")
    p.add_argument("--init-from", default="")
    return p.parse_args()


def pipelines(crop):
    normalize = tvt.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    big = int(crop / 0.875)
    train = tvt.Compose([tvt.Resize((big, big)), tvt.RandomCrop(crop), tvt.RandomHorizontalFlip(),
                         tvt.ToTensor(), normalize])
    test = tvt.Compose([tvt.Resize((big, big)), tvt.CenterCrop(crop), tvt.ToTensor(), normalize])
    return train, test


def lr_factor(args, steps_per_epoch):
    warm = args.warmup_epochs * steps_per_epoch
    full = args.epochs * steps_per_epoch

    def factor(step):
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / (full - warm)))

    return factor


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    top1 = torch.zeros((), device="cuda")
    for images, target in loader:
        images, target = images.cuda(non_blocking=True), target.cuda(non_blocking=True)
        with torch.autocast("cuda", dtype=torch.float16):
            logits = model(images)
        top1 += (logits.argmax(1) == target).sum()
    return top1.item() / len(loader.dataset)


def main():
    args = parse()
    os.makedirs(args.output, exist_ok=True)
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True

    tf_train, tf_test = pipelines(args.crop)
    parts = {}
    for split in ("train", "val", "test"):
        parts[split] = datasets.FGVCAircraft(args.data, split=split, annotation_level="variant", download=True,
                                             transform=tf_train if split == "train" else tf_test)
    common = dict(num_workers=args.workers, pin_memory=True)
    train_loader = DataLoader(parts["train"], args.batch_size, shuffle=True, drop_last=True, **common)
    val_loader = DataLoader(parts["val"], args.batch_size, shuffle=False, **common)
    test_loader = DataLoader(parts["test"], args.batch_size, shuffle=False, **common)

    model = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V2)
    model.fc = torch.nn.Linear(model.fc.in_features, 100)
    model.cuda()

    optimizer = torch.optim.SGD(model.parameters(), args.lr, momentum=0.9, weight_decay=args.wd)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_factor(args, len(train_loader)))
    scaler = torch.cuda.amp.GradScaler()
    begin, best = 0, 0.0

    if args.init_from:
        model.load_state_dict(torch.load(args.init_from, map_location="cpu")["model"])
    if args.resume:
        saved = torch.load(args.resume, map_location="cpu")
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        scheduler.load_state_dict(saved["scheduler"])
        scaler.load_state_dict(saved["scaler"])
        torch.set_rng_state(saved["rng"])
        begin, best = saved["epoch"] + 1, saved["best"]

    for epoch in range(begin, args.epochs):
        model.train()
        meter, n = 0.0, 0
        for images, target in train_loader:
            images, target = images.cuda(non_blocking=True), target.cuda(non_blocking=True)
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cuda", dtype=torch.float16):
                loss = F.cross_entropy(model(images), target)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(model.parameters(), args.clip)
            scaler.step(optimizer)
            scaler.update()
            scheduler.step()
            meter += loss.detach() * len(target)
            n += len(target)

        acc = evaluate(model, val_loader)
        print(f"[{epoch:3d}] loss {float(meter) / n:.4f}  val {acc:.4f}", flush=True)
        improved = acc > best
        best = max(best, acc)
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
                 "scaler": scaler.state_dict(), "rng": torch.get_rng_state(), "epoch": epoch, "best": best}
        torch.save(state, os.path.join(args.output, "last.pth.tar"))
        if improved:
            torch.save(state, os.path.join(args.output, "best.pth.tar"))

    model.load_state_dict(torch.load(os.path.join(args.output, "best.pth.tar"), map_location="cpu")["model"])
    print("test top-1", evaluate(model, test_loader))


if __name__ == "__main__":
    main()
