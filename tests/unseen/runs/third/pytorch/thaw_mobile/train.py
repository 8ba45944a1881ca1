"""Fine-tune MobileNetV3 from the top down: first the head, then the upper stages, then everything.

    python train.py [settings.yaml] [--set epochs=10 ...]
"""
import argparse
import random
import time
from pathlib import Path

import numpy as np
import timm
import torch
import yaml
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as T

HERE = Path(__file__).resolve().parent


def settings():
    ap = argparse.ArgumentParser()
    ap.add_argument("file", nargs="?", default=HERE / "settings.yaml", type=Path)
    ap.add_argument("--set", nargs="*", default=[])
    args = ap.parse_args()
    s = yaml.safe_load((args.file if args.file.exists() else HERE / args.file).read_text())
    for item in args.set:
        key, value = item.split("=", 1)
        if key not in s:
            raise SystemExit(f"unknown setting {key}")
        s[key] = yaml.safe_load(value)
    return s


def load_data(s):
    norm = T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    train_tf = T.Compose([
        T.RandomResizedCrop(s["size"], scale=(0.65, 1.0)), T.RandomHorizontalFlip(), T.ColorJitter(0.3, 0.3, 0.3), T.ToTensor(), norm])
    val_tf = T.Compose([T.Resize(s["size"]), T.CenterCrop(s["size"]), T.ToTensor(), norm])
    train = datasets.ImageFolder(Path(s["photos"]) / "train", train_tf)
    val = datasets.ImageFolder(Path(s["photos"]) / "val", val_tf)
    assert train.classes == val.classes
    return DataLoader(train, s["batch_size"], shuffle=True, drop_last=True), DataLoader(val, 64), train.classes


def load_net(s, classes):
    net = timm.create_model(s["arch"], pretrained=False, num_classes=len(classes))
    state = torch.load(s["weights"], map_location="cpu", weights_only=True)
    state = {k: v for k, v in state.items() if not k.startswith("classifier.")}
    missing, unexpected = net.load_state_dict(state, strict=False)
    if unexpected or any(not k.startswith("classifier.") for k in missing):
        raise RuntimeError(f"weights do not fit: missing {missing}, unexpected {unexpected}")
    print(f"filled {len(state)} of {len(net.state_dict())} tensors from {s['weights']}")
    return net


def stages(net):
    """From the picture to the classes: stem, the blocks, the convolution of the head; the classifier is the last."""
    return [
        nn.ModuleList([net.conv_stem, net.bn1]),
        *net.blocks,
        nn.ModuleList([net.conv_head, net.norm_head]),
        net.classifier,
    ]


def groups(parts, s):
    """One group per stage; the head has the full rate, lower stages less and less."""
    top = len(parts) - 1
    out = []
    for i, part in enumerate(parts):
        params = list(part.parameters())
        if params:
            out.append({"params": params, "lr": s["head_lr"] * s["layer_decay"] ** (top - i), "stage": i})
    return out


def freeze_below(parts, first):
    for i, part in enumerate(parts):
        for p in part.parameters():
            p.requires_grad_(i >= first)
    learn = sum(p.numel() for part in parts for p in part.parameters() if p.requires_grad)
    print(f"stages {first}..{len(parts) - 1} learn, {learn:,} parameters")


def training_mode(net, parts, first):
    """Frozen stages keep the statistics of the weights they were loaded with."""
    net.train()
    for part in parts[:first]:
        part.eval()


@torch.no_grad()
def evaluate(net, loader, device):
    net.eval()
    loss, right, n = 0.0, 0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out = net(x)
        loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
        right += (out.argmax(-1) == y).sum().item()
        n += y.numel()
    return loss / n, right / n


def main():
    s = settings()
    random.seed(s["seed"])
    np.random.seed(s["seed"])
    torch.manual_seed(s["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    out = Path(s["out"])
    out.mkdir(parents=True, exist_ok=True)

    train_loader, val_loader, classes = load_data(s)
    net = load_net(s, classes).to(device)
    parts = stages(net)
    assert sum(p.numel() for part in parts for p in part.parameters()) == sum(p.numel() for p in net.parameters())
    # all groups are there from the start; frozen ones have no gradient and are passed over
    optimizer = torch.optim.AdamW(groups(parts, s), lr=s["head_lr"], weight_decay=s["weight_decay"])
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=s["epochs"])
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

    first, best = 0, 0.0
    for epoch in range(s["epochs"]):
        if epoch in s["thaw"]:
            first = s["thaw"][epoch]
            freeze_below(parts, first)
        training_mode(net, parts, first)
        start, loss_sum, n = time.time(), 0.0, 0
        for i, (x, y) in enumerate(train_loader):
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(y)
            n += len(y)
            if i % 10 == 0:
                print(f"  {epoch}:{i}/{len(train_loader)} {loss.item():.3f}", flush=True)
        val_loss, val_acc = evaluate(net, val_loader, device)
        scheduler.step()
        print(f"epoch {epoch}: train {loss_sum / n:.3f}, val {val_loss:.3f}, accuracy {val_acc:.3f} ({time.time() - start:.0f} s)", flush=True)
        if val_acc > best:
            best = val_acc
            torch.save({"net": net.state_dict(), "classes": classes, "settings": s}, out / "best.pt")
    print(f"best accuracy {best:.3f}")


if __name__ == "__main__":
    main()
