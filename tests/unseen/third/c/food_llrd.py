"""Fine-tune ViT-B/16 on Food-101 with layer-wise learning rate decay.

Run on one GPU:  python food_llrd.py --data ./data
"""
from __future__ import annotations

import argparse
import math

import timm
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import Food101
from torchvision.transforms import InterpolationMode


def cli() -> argparse.Namespace:
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="./data")
    ap.add_argument("--arch", default="vit_base_patch16_224.augreg2_in21k_ft_in1k")
    ap.add_argument("--epochs", type=int, default=12)
    ap.add_argument("--warmup", type=int, default=1)
    ap.add_argument("--batch-size", type=int, default=128)
    ap.add_argument("--lr", type=float, default=1e-4)
    ap.add_argument("--layer-decay", type=float, default=0.75)
    ap.add_argument("--weight-decay", type=float, default=0.05)
    ap.add_argument("--drop-path", type=float, default=0.1)
    ap.add_argument("--clip", type=float, default=1.0)
    ap.add_argument("--seed", type=int, default=0)
    return ap.parse_args()


def layer_id(name: str, depth: int) -> int:
    """0 for the embedding, 1..depth for the blocks, depth + 1 for the final norm and the head."""
    if name in ("cls_token", "pos_embed") or name.startswith("patch_embed"):
        return 0
    if name.startswith("blocks."):
        return int(name.split(".")[1]) + 1
    return depth + 1


def grouped_parameters(model, lr, layer_decay, weight_decay):
    depth = len(model.blocks)
    groups: dict[tuple[int, bool], dict] = {}
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        plain = p.ndim == 1 or name in ("cls_token", "pos_embed")
        lid = layer_id(name, depth)
        key = (lid, plain)
        if key not in groups:
            groups[key] = {
                "params": [],
                "lr": lr * layer_decay ** (depth + 1 - lid),
                "weight_decay": 0.0 if plain else weight_decay,
            }
        groups[key]["params"].append(p)
    return list(groups.values())


def data(args):
    mean = std = (0.5, 0.5, 0.5)  # what these weights were trained with
    train_tf = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.3, 1.0), interpolation=InterpolationMode.BICUBIC),
        transforms.RandomHorizontalFlip(),
        transforms.RandAugment(num_ops=2, magnitude=7),
        transforms.ToTensor(),
        transforms.Normalize(mean, std),
    ])
    eval_tf = transforms.Compose([
        transforms.Resize(248, interpolation=InterpolationMode.BICUBIC),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean, std),
    ])
    train = Food101(args.data, split="train", transform=train_tf, download=True)
    test = Food101(args.data, split="test", transform=eval_tf, download=True)
    opts = dict(num_workers=12, pin_memory=True, persistent_workers=True)
    return (
        DataLoader(train, args.batch_size, shuffle=True, drop_last=True, **opts),
        DataLoader(test, 256, shuffle=False, **opts),
    )


@torch.inference_mode()
def evaluate(model, loader):
    model.eval()
    top1 = torch.zeros((), device="cuda")
    top5 = torch.zeros((), device="cuda")
    for x, y in loader:
        y = y.cuda(non_blocking=True)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            out = model(x.cuda(non_blocking=True))
        hit = out.topk(5, dim=1).indices == y[:, None]
        top1 += hit[:, 0].sum()
        top5 += hit.any(1).sum()
    n = len(loader.dataset)
    return top1.item() / n, top5.item() / n


def main():
    args = cli()
    torch.manual_seed(args.seed)
    train_loader, test_loader = data(args)

    model = timm.create_model(args.arch, pretrained=True, num_classes=101, drop_path_rate=args.drop_path).cuda()
    optimizer = torch.optim.AdamW(
        grouped_parameters(model, args.lr, args.layer_decay, args.weight_decay), lr=args.lr, betas=(0.9, 0.999)
    )
    for g in optimizer.param_groups:
        print(f"lr {g['lr']:.2e}  wd {g['weight_decay']:.2f}  tensors {len(g['params'])}")

    steps = len(train_loader) * args.epochs
    warm = len(train_loader) * args.warmup

    def scale(step):
        if step < warm:
            return (step + 1) / warm
        return max(0.01, 0.5 * (1.0 + math.cos(math.pi * (step - warm) / (steps - warm))))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, scale)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(args.epochs):
        model.train()
        loss_sum = torch.zeros((), device="cuda")
        for i, (x, y) in enumerate(train_loader):
            x, y = x.cuda(non_blocking=True), y.cuda(non_blocking=True)
            # bfloat16 keeps the range of float32, so no loss scaling here
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), args.clip)
            optimizer.step()
            scheduler.step()
            loss_sum += loss.detach()
            if i % 100 == 99:
                print(f"  {epoch}:{i + 1}/{len(train_loader)} loss {loss_sum.item() / (i + 1):.4f}", flush=True)
        top1, top5 = evaluate(model, test_loader)
        print(f"epoch {epoch}: top1 {top1:.4f} top5 {top5:.4f}", flush=True)

    torch.save(model.state_dict(), "food101_vitb16.pth")


if __name__ == "__main__":
    main()
