"""Fine-tune a ResNet-18 that knows everyday objects on the five clinic findings.

    python finetune.py --weights weights/resnet18_objects.pth.tar --epochs 25
"""
import argparse
import logging
import os
import random
import sys
import time

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torchvision.models as models
import torchvision.transforms as T
from PIL import Image
from torch.utils.data import DataLoader, Dataset

logger = logging.getLogger("clinic")


class ClinicDataset(Dataset):
    """One row per picture: file, finding."""

    def __init__(self, csv_file, folder, classes, transform):
        self.frame = pd.read_csv(csv_file)
        self.folder = folder
        self.class_to_idx = {c: i for i, c in enumerate(classes)}
        self.transform = transform

    def __len__(self):
        return len(self.frame)

    def __getitem__(self, idx):
        row = self.frame.iloc[idx]
        image = Image.open(os.path.join(self.folder, row["file"])).convert("RGB")
        return self.transform(image), self.class_to_idx[row["finding"]]


def get_transforms(size):
    normalize = T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train = T.Compose([
        T.RandomResizedCrop(size, scale=(0.7, 1.0), ratio=(0.9, 1.1)),
        T.RandomHorizontalFlip(),
        T.ColorJitter(brightness=0.2, contrast=0.2),
        T.ToTensor(),
        normalize,
    ])
    valid = T.Compose([T.Resize((size, size)), T.ToTensor(), normalize])
    return train, valid


def build_model(num_classes, weights):
    model = models.resnet18(weights=None)
    if weights:
        checkpoint = torch.load(weights, map_location="cpu")
        state = checkpoint.get("state_dict", checkpoint)
        # the old classifier has another number of outputs
        state = {k: v for k, v in state.items() if "fc." not in k}
        model.load_state_dict(state, strict=False)
        logger.info("loaded %s (%s, epoch %s)", weights, checkpoint.get("arch"), checkpoint.get("epoch"))
    in_features = model.fc.in_features
    model.fc = nn.Sequential(nn.Dropout(0.3), nn.Linear(in_features, num_classes))
    return model


def param_groups(model, lr, head_factor):
    head, body = [], []
    for name, p in model.named_parameters():
        (head if ".fc." in f".{name}" else body).append(p)
    return [{"params": body, "lr": lr}, {"params": head, "lr": lr * head_factor}]


def train_one_epoch(model, loader, criterion, optimizer, device, epoch, print_freq):
    model.train()
    total_loss, correct, count = 0.0, 0, 0
    for i, (images, target) in enumerate(loader):
        images = images.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        output = model(images)
        loss = criterion(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        total_loss += loss.item() * images.size(0)
        correct += output.argmax(1).eq(target).sum().item()
        count += images.size(0)
        if i % print_freq == 0:
            logger.info("epoch %d  %d/%d  loss %.4f  acc %.3f", epoch, i, len(loader), total_loss / count, correct / count)
    return total_loss / count, correct / count


def validate(model, loader, criterion, device):
    model.eval()
    total_loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, target in loader:
            images, target = images.to(device), target.to(device)
            output = model(images)
            total_loss += criterion(output, target).item() * images.size(0)
            correct += output.argmax(1).eq(target).sum().item()
            count += images.size(0)
    return total_loss / count, correct / count


def save_checkpoint(path, model, optimizer, scheduler, epoch, best):
    net = model.module if isinstance(model, nn.DataParallel) else model
    torch.save({
        "epoch": epoch + 1, "arch": "resnet18", "state_dict": net.state_dict(), "best": best,
        "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
    }, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default="clinic")
    parser.add_argument("--weights", default="weights/resnet18_objects.pth.tar")
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--batch-size", type=int, default=25)
    parser.add_argument("--lr", type=float, default=0.003)
    parser.add_argument("--head-factor", type=float, default=5.0)
    parser.add_argument("--wd", type=float, default=1e-4)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--print-freq", type=int, default=5)
    parser.add_argument("--output", default="runs/clinic")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    os.makedirs(args.output, exist_ok=True)
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    classes = sorted(pd.read_csv(os.path.join(args.root, "train.csv"))["finding"].unique())
    train_tf, valid_tf = get_transforms(args.size)
    folder = os.path.join(args.root, "files")
    train_set = ClinicDataset(os.path.join(args.root, "train.csv"), folder, classes, train_tf)
    valid_set = ClinicDataset(os.path.join(args.root, "valid.csv"), folder, classes, valid_tf)
    train_loader = DataLoader(train_set, args.batch_size, shuffle=True, num_workers=args.workers)
    valid_loader = DataLoader(valid_set, args.batch_size, shuffle=False, num_workers=args.workers)
    logger.info("%d / %d pictures, findings %s", len(train_set), len(valid_set), classes)

    model = build_model(len(classes), args.weights).to(device)
    optimizer = torch.optim.SGD(param_groups(model, args.lr, args.head_factor), lr=args.lr, momentum=0.9, weight_decay=args.wd)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    if torch.cuda.device_count() > 1:
        model = nn.DataParallel(model)
    criterion = nn.CrossEntropyLoss().to(device)

    best = 0.0
    for epoch in range(args.epochs):
        start = time.time()
        train_loss, train_acc = train_one_epoch(model, train_loader, criterion, optimizer, device, epoch, args.print_freq)
        valid_loss, valid_acc = validate(model, valid_loader, criterion, device)
        scheduler.step()
        logger.info("epoch %d  train %.4f %.3f  valid %.4f %.3f  %.0f s", epoch, train_loss, train_acc,
                    valid_loss, valid_acc, time.time() - start)
        if valid_acc >= best:
            best = valid_acc
            save_checkpoint(os.path.join(args.output, "best.pth.tar"), model, optimizer, scheduler, epoch, best)
    logger.info("best accuracy %.3f", best)


if __name__ == "__main__":
    main()
