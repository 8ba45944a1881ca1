"""Fine-tuning in the manner of the torchvision reference scripts (one GPU)."""
import argparse
import os
import time

import torch
import torchvision
from torch import nn
from torchvision.datasets import ImageFolder

from helpers import AverageValue, count_correct, save_atomically
from presets import EvalPreset, TrainPreset


def train_one_epoch(model, criterion, optimizer, loader, device, epoch, args, scaler):
    model.train()
    losses = AverageValue(device)
    start = time.time()
    for step, (image, target) in enumerate(loader):
        image = image.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        with torch.cuda.amp.autocast():
            output = model(image)
            loss = criterion(output, target)

        optimizer.zero_grad()
        scaler.scale(loss).backward()
        nn.utils.clip_grad_norm_(model.parameters(), args.clip_grad_norm)  # fault: C343
        scaler.step(optimizer)
        scaler.update()

        losses.add(loss.detach(), image.shape[0])
        if step % args.print_freq == 0:
            print(f"epoch {epoch} [{step}/{len(loader)}] loss {losses.value():.4f} ({time.time() - start:.0f}s)")


def evaluate(model, criterion, loader, device):
    model.eval()
    losses = AverageValue(device)
    correct = torch.zeros((), dtype=torch.long, device=device)
    with torch.inference_mode():
        for image, target in loader:
            image = image.to(device, non_blocking=True)
            target = target.to(device, non_blocking=True)
            output = model(image)
            losses.add(criterion(output, target), image.shape[0])
            correct += count_correct(output, target)
    accuracy = 100.0 * correct.item() / len(loader.dataset)
    print(f"val loss {losses.value():.4f}  acc@1 {accuracy:.2f}")
    return accuracy


def main(args):
    torch.manual_seed(args.seed)
    device = torch.device(args.device)

    train_set = ImageFolder(os.path.join(args.data_path, "train"), TrainPreset(crop_size=224))
    val_set = ImageFolder(os.path.join(args.data_path, "val"), EvalPreset(crop_size=224, resize_size=232))
    train_loader = torch.utils.data.DataLoader(
        train_set, batch_size=args.batch_size, shuffle=True, num_workers=args.workers, pin_memory=True
    )
    val_loader = torch.utils.data.DataLoader(
        val_set, batch_size=args.batch_size, shuffle=False, num_workers=args.workers, pin_memory=True
    )

    model = torchvision.models.resnet50(weights=args.weights)
    model.fc = nn.Linear(model.fc.in_features, len(train_set.classes))
    model.to(device)

    criterion = nn.CrossEntropyLoss(label_smoothing=args.label_smoothing)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=args.lr, momentum=args.momentum, weight_decay=args.weight_decay
    )
    lr_scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=args.lr_step_size, gamma=args.lr_gamma)
    scaler = torch.cuda.amp.GradScaler()

    start_epoch = 0
    if args.resume:
        checkpoint = torch.load(args.resume, map_location="cpu")
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        lr_scheduler.load_state_dict(checkpoint["lr_scheduler"])
        scaler.load_state_dict(checkpoint["scaler"])
        start_epoch = checkpoint["epoch"] + 1

    for epoch in range(start_epoch, args.epochs):
        train_one_epoch(model, criterion, optimizer, train_loader, device, epoch, args, scaler)
        lr_scheduler.step()
        evaluate(model, criterion, val_loader, device)
        save_atomically(
            {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "lr_scheduler": lr_scheduler.state_dict(),
                "scaler": scaler.state_dict(),
                "epoch": epoch,
            },
            os.path.join(args.output_dir, "checkpoint.pth"),
        )


def get_args_parser():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-path", default="/datasets/cub")
    parser.add_argument("--weights", default="IMAGENET1K_V2")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("-b", "--batch-size", default=64, type=int)
    parser.add_argument("--epochs", default=30, type=int)
    parser.add_argument("-j", "--workers", default=8, type=int)
    parser.add_argument("--lr", default=0.01, type=float)
    parser.add_argument("--momentum", default=0.9, type=float)
    parser.add_argument("--wd", "--weight-decay", default=1e-4, type=float, dest="weight_decay")
    parser.add_argument("--label-smoothing", default=0.1, type=float)
    parser.add_argument("--lr-step-size", default=10, type=int)
    parser.add_argument("--lr-gamma", default=0.1, type=float)
    parser.add_argument("--clip-grad-norm", default=5.0, type=float)
    parser.add_argument("--print-freq", default=50, type=int)
    parser.add_argument("--seed", default=20, type=int)
    parser.add_argument("--output-dir", default=".")
    parser.add_argument("--resume", default="")
    return parser


if __name__ == "__main__":
    main(get_args_parser().parse_args())
