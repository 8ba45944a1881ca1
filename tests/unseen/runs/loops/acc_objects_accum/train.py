"""ResNet-18 on ten objects with Accelerate. Small cards: 16 pictures at a time, 8 times, makes 128.

accelerate launch train.py --data objects10 --grad_accum 8
"""
import argparse
import logging
import os

import torch
import torch.nn.functional as F
import torchvision
from accelerate import Accelerator
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
log = logging.getLogger("train")


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="objects10")
    p.add_argument("--img", type=int, default=128)
    p.add_argument("--micro_batch", type=int, default=16)
    p.add_argument("--grad_accum", type=int, default=8)
    p.add_argument("--epochs", type=int, default=100)
    p.add_argument("--lr", type=float, default=0.1, help="for the effective batch of 128")
    p.add_argument("--wd", type=float, default=1e-4)
    p.add_argument("--out", default="objects_out")
    return p.parse_args()


def build_data(args):
    n = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    tr = T.Compose([T.RandomResizedCrop(args.img, scale=(0.4, 1)), T.RandomHorizontalFlip(), T.ToTensor(), n])
    te = T.Compose([T.Resize((args.img, args.img)), T.ToTensor(), n])
    train = ImageFolder(os.path.join(args.data, "train"), tr)
    val = ImageFolder(os.path.join(args.data, "val"), te)
    return (DataLoader(train, args.micro_batch, shuffle=True, num_workers=2, drop_last=True),
            DataLoader(val, 64, num_workers=2), len(train.classes))


def run():
    args = get_args()
    accelerator = Accelerator(gradient_accumulation_steps=args.grad_accum)
    torch.manual_seed(args.micro_batch)
    train_dl, val_dl, n_classes = build_data(args)
    model = torchvision.models.resnet18(num_classes=n_classes)

    model, train_dl, val_dl = accelerator.prepare(model, train_dl, val_dl)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=args.wd)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)

    for epoch in range(args.epochs):
        model.train()
        total = torch.zeros((), device=accelerator.device)
        for images, target in train_dl:
            with accelerator.accumulate(model):
                loss = F.cross_entropy(model(images), target)
                accelerator.backward(loss)
                optimizer.step()
                optimizer.zero_grad()
            total += loss.detach()
        scheduler.step()

        model.eval()
        hits, count = 0, 0
        with torch.inference_mode():
            for images, target in val_dl:
                out = model(images)
                out, target = accelerator.gather_for_metrics((out, target))
                hits += (out.argmax(1) == target).sum().item()
                count += target.size(0)
        log.info("epoch %d  lr %.4f  loss %.4f  val %.2f%%", epoch, optimizer.param_groups[0]["lr"],
                 total.item() / len(train_dl), 100 * hits / count)
    accelerator.wait_for_everyone()
    accelerator.save_model(model, args.out)


if __name__ == "__main__":
    run()
