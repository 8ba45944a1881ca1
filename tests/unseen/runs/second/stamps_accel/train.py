"""stamps5 with accelerate. The classes are very uneven, so batches are drawn with weights."""
import argparse
import os

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, WeightedRandomSampler
from torchvision import models, transforms
from torchvision.datasets import ImageFolder


def rgb_white(path):
    img = Image.open(path).convert("RGBA")
    bg = Image.new("RGBA", img.size, "WHITE")
    return Image.alpha_composite(bg, img).convert("RGB")


def get_loaders(args):
    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    aug = transforms.Compose([
        transforms.Resize((args.size, args.size)),
        transforms.RandomAffine(12, translate=(0.06, 0.06), scale=(0.9, 1.1), fill=255),
        transforms.ToTensor(), norm])
    plain = transforms.Compose([transforms.Resize((args.size, args.size)), transforms.ToTensor(), norm])
    train = ImageFolder(os.path.join(args.data, "train"), aug, loader=rgb_white)
    val = ImageFolder(os.path.join(args.data, "val"), plain, loader=rgb_white)
    counts = torch.bincount(torch.tensor(train.targets)).float()
    weights = (1.0 / counts)[train.targets]
    sampler = WeightedRandomSampler(weights, num_samples=len(train), replacement=True)
    return (DataLoader(train, batch_size=args.batch, shuffle=False, sampler=sampler),
            DataLoader(val, batch_size=args.batch, shuffle=False), train.classes)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="stamps5")
    ap.add_argument("--weights", default="weights/resnet18.pth")
    ap.add_argument("--epochs", type=int, default=40)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--size", type=int, default=128)
    ap.add_argument("--lr", type=float, default=2e-4)
    args = ap.parse_args()

    set_seed(17)
    accelerator = Accelerator(gradient_accumulation_steps=2)
    train_dl, val_dl, classes = get_loaders(args)

    model = models.resnet18(weights=None)
    model.load_state_dict(torch.load(args.weights, map_location="cpu", weights_only=True))
    model.fc = nn.Linear(512, len(classes))

    optimizer = torch.optim.AdamW([
        {"params": [p for n, p in model.named_parameters() if not n.startswith("fc.")], "lr": args.lr},
        {"params": model.fc.parameters(), "lr": args.lr * 5},
    ], weight_decay=0.02)
    # once an epoch, therefore not handed to prepare()
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)
    model, optimizer, train_dl, val_dl = accelerator.prepare(model, optimizer, train_dl, val_dl)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)

    for epoch in range(args.epochs):
        model.train()
        total = torch.zeros((), device=accelerator.device)
        for images, labels in train_dl:
            with accelerator.accumulate(model):
                loss = criterion(model(images), labels)
                accelerator.backward(loss)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(model.parameters(), 2.0)
                optimizer.step()
                optimizer.zero_grad()
            total += loss.detach()
        scheduler.step()

        model.eval()
        correct = count = 0
        for images, labels in val_dl:
            with torch.no_grad():
                pred = model(images).argmax(dim=-1)
            pred, labels = accelerator.gather_for_metrics((pred, labels))
            correct += (pred == labels).sum().item()
            count += labels.numel()
        accelerator.print(f"epoch {epoch}: loss {total.item() / len(train_dl):.4f} val acc {correct / count:.4f}")

    accelerator.wait_for_everyone()
    accelerator.save(accelerator.unwrap_model(model).state_dict(), "stamps5.pt")


if __name__ == "__main__":
    main()
