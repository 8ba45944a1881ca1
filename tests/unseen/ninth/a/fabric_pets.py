# Oxford-IIIT Pet, 37 breeds.  Lightning Fabric, the card has only 8 GB so the batches are small
import time

import torch
import torch.nn as nn
import torchmetrics
from lightning.fabric import Fabric, seed_everything
from torch.utils.data import DataLoader, Subset
from torchvision import transforms
from torchvision.datasets import OxfordIIITPet
from torchvision.models import ResNet101_Weights, resnet101

DATA = "/mnt/data/pets"
BREEDS = 37
EPOCHS = 15
BATCH = 8
ACCUMULATE = 16          # 16 x 8 = 128 pictures an update
LR = 0.02
N_TRAIN = 3200           # of 3680, the rest is for validation

norm = transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
train_tf = transforms.Compose([
    transforms.RandomResizedCrop(288, scale=(0.35, 1.0)),
    transforms.RandomHorizontalFlip(),
    transforms.TrivialAugmentWide(),
    transforms.ToTensor(),
    norm,
])
val_tf = transforms.Compose([
    transforms.Resize(320),
    transforms.CenterCrop(288),
    transforms.ToTensor(),
    norm,
])


def loaders():
    perm = torch.randperm(3680, generator=torch.Generator().manual_seed(99)).tolist()
    a = OxfordIIITPet(DATA, split="trainval", transform=train_tf, download=True)
    b = OxfordIIITPet(DATA, split="trainval", transform=val_tf)
    tr = DataLoader(Subset(a, perm[:N_TRAIN]), batch_size=BATCH, shuffle=True, num_workers=6, pin_memory=True)
    va = DataLoader(Subset(b, perm[N_TRAIN:]), batch_size=32, num_workers=6, pin_memory=True)
    return tr, va


@torch.no_grad()
def validate(fabric, model, loader, acc):
    model.eval()
    acc.reset()
    for images, target in loader:
        acc.update(model(images), target)
    return acc.compute()


def main():
    seed_everything(99)
    fabric = Fabric(accelerator="cuda", devices=1, precision="bf16-mixed")
    fabric.launch()

    with fabric.rank_zero_first():
        train_loader, val_loader = loaders()
    train_loader, val_loader = fabric.setup_dataloaders(train_loader, val_loader)

    model = resnet101(weights=ResNet101_Weights.IMAGENET1K_V2)
    model.fc = nn.Linear(model.fc.in_features, BREEDS)
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=0.9, weight_decay=1e-4)
    model, optimizer = fabric.setup(model, optimizer)

    updates = len(train_loader) // ACCUMULATE
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS * updates)
    criterion = nn.CrossEntropyLoss()

    accuracy = torchmetrics.Accuracy(task="multiclass", num_classes=BREEDS).to(fabric.device)
    running = torchmetrics.MeanMetric().to(fabric.device)

    best = 0.0
    for epoch in range(EPOCHS):
        t0 = time.time()
        model.train()
        running.reset()
        for i, (images, target) in enumerate(train_loader):
            ready = (i + 1) % ACCUMULATE == 0
            with fabric.no_backward_sync(model, enabled=not ready):
                loss = criterion(model(images), target)
                fabric.backward(loss)  # fault: C342
            running.update(loss.detach())
            if ready:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
                scheduler.step()

        acc = validate(fabric, model, val_loader, accuracy)
        fabric.print(f"{epoch:3d}  loss {running.compute():.4f}  val acc {acc:.4f}  "
                     f"lr {scheduler.get_last_lr()[0]:.5f}  {time.time() - t0:.0f}s")
        if acc > best:
            best = acc
            fabric.save("pets_best.ckpt", {"model": model, "epoch": epoch})
    fabric.print(f"best accuracy on the held-out part of trainval: {best:.4f}")


if __name__ == "__main__":
    main()
