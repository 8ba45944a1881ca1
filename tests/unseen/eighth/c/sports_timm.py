"""Fine-tune a timm ViT on the 100 sports folders (train/valid/test).

usage: python sports_timm.py /data/sports --amp
"""
import argparse
import os
import time

import torch
from timm import create_model
from timm.data import ImageDataset, create_transform, resolve_data_config
from timm.optim import create_optimizer_v2
from timm.scheduler import create_scheduler_v2
from timm.utils import AverageMeter, accuracy, random_seed
from torch.utils.data import DataLoader

RECIPE = dict(opt="sgd", lr=0.1, momentum=0.9, weight_decay=1e-4)  # fault: C344


def cli():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("root")
    ap.add_argument("--model", default="vit_small_patch16_224.augreg_in21k")
    ap.add_argument("--classes", type=int, default=100)
    ap.add_argument("-b", "--batch-size", type=int, default=64)
    ap.add_argument("--epochs", type=int, default=25)
    ap.add_argument("-j", "--workers", type=int, default=8)
    ap.add_argument("--amp", action="store_true", help="bfloat16 autocast")
    ap.add_argument("--seed", type=int, default=42)
    return ap.parse_args()


def loader_for(split, args, data_cfg, training):
    tf = create_transform(
        input_size=data_cfg["input_size"],
        mean=data_cfg["mean"],
        std=data_cfg["std"],
        interpolation=data_cfg["interpolation"],
        crop_pct=data_cfg["crop_pct"],
        is_training=training,
        color_jitter=0.3,
    )
    ds = ImageDataset(os.path.join(args.root, split), transform=tf)
    return DataLoader(ds, args.batch_size, shuffle=training, drop_last=training,
                      num_workers=args.workers, pin_memory=True)


def validate(net, loader, args, device):
    top1 = AverageMeter()
    net.eval()
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=args.amp):
                out = net(x)
            top1.update(accuracy(out.float(), y, topk=(1,))[0].item(), y.size(0))
    return top1.avg


def main():
    args = cli()
    random_seed(args.seed)
    device = torch.device("cuda")

    net = create_model(args.model, pretrained=True, num_classes=args.classes, drop_path_rate=0.1).to(device)
    data_cfg = resolve_data_config({}, model=net)
    train_dl = loader_for("train", args, data_cfg, True)
    valid_dl = loader_for("valid", args, data_cfg, False)

    optimizer = create_optimizer_v2(net, **RECIPE)
    scheduler, epochs = create_scheduler_v2(optimizer, sched="cosine", num_epochs=args.epochs, min_lr=1e-5)
    loss_fn = torch.nn.CrossEntropyLoss(label_smoothing=0.1).to(device)

    best = -1.0
    for epoch in range(epochs):
        tic, losses = time.time(), AverageMeter()
        net.train()
        for x, y in train_dl:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=args.amp):
                loss = loss_fn(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.update(loss.item(), y.size(0))
        scheduler.step(epoch + 1)
        top1 = validate(net, valid_dl, args, device)
        print(f"{epoch:3d}  loss {losses.avg:.4f}  valid@1 {top1:.2f}  {time.time() - tic:.0f}s")
        if top1 > best:
            best = top1
            torch.save({"model": net.state_dict(), "epoch": epoch}, "sports_best.pth")

    net.load_state_dict(torch.load("sports_best.pth", map_location=device)["model"])
    print("test@1", validate(net, loader_for("test", args, data_cfg, False), args, device))


if __name__ == "__main__":
    main()
