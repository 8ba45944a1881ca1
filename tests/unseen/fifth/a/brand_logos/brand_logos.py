"""Logo classifier.

    python brand_logos.py --config config.yaml            # from the start
    python brand_logos.py --config config.yaml --resume   # after the nightly job limit
"""
import argparse
import os

import torch
import torchvision
import yaml
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from engine import evaluate, restore, save_checkpoint, train_one_epoch


def build_data(cfg):
    normalize = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    size = cfg["image_size"]
    train = ImageFolder(cfg["data"] + "/train", transforms.Compose([
        transforms.RandomResizedCrop(size, scale=(0.5, 1.0)),
        transforms.RandomPerspective(distortion_scale=0.2, p=0.3),
        transforms.ColorJitter(0.3, 0.3, 0.3),
        transforms.ToTensor(),
        normalize,
    ]))
    val = ImageFolder(cfg["data"] + "/val", transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(size),
        transforms.ToTensor(),
        normalize,
    ]))
    assert train.classes == val.classes and len(train.classes) == cfg["num_classes"]
    kw = dict(batch_size=cfg["batch_size"], num_workers=cfg["workers"], pin_memory=True)
    return DataLoader(train, shuffle=True, drop_last=True, **kw), DataLoader(val, shuffle=False, **kw)


def build_model(cfg):
    model = torchvision.models.get_model(cfg["arch"], weights=cfg["weights"])
    model.classifier[1] = nn.Linear(model.classifier[1].in_features, cfg["num_classes"])
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    with open(args.config) as f:
        cfg = yaml.safe_load(f)

    torch.manual_seed(cfg["seed"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader, val_loader = build_data(cfg)
    model = build_model(cfg).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg["lr"], momentum=cfg["momentum"],
                                weight_decay=cfg["weight_decay"])
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=cfg["milestones"], gamma=cfg["gamma"])

    os.makedirs(os.path.dirname(cfg["checkpoint"]) or ".", exist_ok=True)
    first, best = 0, 0.0
    if args.resume:
        first, best = restore(cfg["checkpoint"], model, device)

    for epoch in range(first, cfg["epochs"]):
        loss = train_one_epoch(model, train_loader, criterion, optimizer, device)
        scheduler.step()
        acc = evaluate(model, val_loader, device)
        print(f"epoch {epoch}  loss {loss:.4f}  val {acc:.4f}  lr {scheduler.get_last_lr()[0]:.5f}", flush=True)
        if acc > best:
            best = acc
            torch.save(model.state_dict(), cfg["checkpoint"].replace("last", "best"))
        save_checkpoint(cfg["checkpoint"], model, optimizer, scheduler, epoch, best)


if __name__ == "__main__":
    main()
