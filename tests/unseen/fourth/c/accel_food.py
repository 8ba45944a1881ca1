"""Dish recognition, 101 classes.

accelerate launch accel_food.py --data /datasets/dishes
"""
import argparse
import math

import timm
import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder


def parse_args():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", default="dishes")
    p.add_argument("--model", default="resnet50.a1_in1k")
    p.add_argument("--num-classes", type=int, default=101)
    p.add_argument("--image-size", type=int, default=224)
    p.add_argument("--batch-size", type=int, default=32, help="per device and step")
    p.add_argument("--accum", type=int, default=4, help="batches gathered for one update")
    p.add_argument("--epochs", type=int, default=15)
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--weight-decay", type=float, default=1e-4)
    p.add_argument("--precision", default="bf16", choices=["no", "bf16"])
    p.add_argument("--workers", type=int, default=8)
    p.add_argument("--seed", type=int, default=1234)
    p.add_argument("--out", default="dishes.pt")
    return p.parse_args()


def loaders(args):
    norm = T.Normalize(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD)
    train_tf = T.Compose([
        T.RandomResizedCrop(args.image_size),
        T.RandomHorizontalFlip(),
        T.TrivialAugmentWide(),
        T.ToTensor(),
        norm,
    ])
    val_tf = T.Compose([
        T.Resize(math.ceil(args.image_size / 0.9)),
        T.CenterCrop(args.image_size),
        T.ToTensor(),
        norm,
    ])
    train_set = ImageFolder(f"{args.data}/train", train_tf)
    val_set = ImageFolder(f"{args.data}/val", val_tf)
    kw = dict(num_workers=args.workers, pin_memory=True)
    return (DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True, **kw),
            DataLoader(val_set, args.batch_size * 2, shuffle=False, **kw))


@torch.inference_mode()
def evaluate(accelerator, model, loader):
    model.eval()
    hits = torch.zeros((), device=accelerator.device)
    seen = 0
    for images, labels in loader:
        guess = model(images).argmax(dim=-1)
        guess, labels = accelerator.gather_for_metrics((guess, labels))
        hits += (guess == labels).sum()
        seen += labels.shape[0]
    return (hits / seen).item()


def main():
    args = parse_args()
    accelerator = Accelerator(mixed_precision=args.precision)
    set_seed(args.seed)

    train_loader, val_loader = loaders(args)
    model = timm.create_model(args.model, pretrained=True, num_classes=args.num_classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9,
                                weight_decay=args.weight_decay, nesterov=True)
    scheduler = CosineAnnealingLR(optimizer, T_max=args.epochs)   # one step an epoch, not prepared
    model, optimizer, train_loader, val_loader = accelerator.prepare(
        model, optimizer, train_loader, val_loader)

    best = 0.0
    for epoch in range(args.epochs):
        model.train()
        optimizer.zero_grad()
        total = torch.zeros((), device=accelerator.device)
        for step, (images, labels) in enumerate(train_loader):
            loss = F.cross_entropy(model(images), labels)
            total += loss.detach()
            accelerator.backward(loss / args.accum)
            if (step + 1) % args.accum == 0 or step + 1 == len(train_loader):
                optimizer.step()
                optimizer.zero_grad()
        scheduler.step()

        acc = evaluate(accelerator, model, val_loader)
        accelerator.print(f"{epoch:3d}  loss {total.item() / len(train_loader):.4f}  val {acc:.4f}")
        if acc > best:
            best = acc
            accelerator.wait_for_everyone()
            accelerator.save(accelerator.unwrap_model(model).state_dict(), args.out)


if __name__ == "__main__":
    main()
