import glob

import torch
import torch.nn as nn
import webdataset as wds
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from torchvision import transforms as T
from torchvision.models import ViT_B_16_Weights, vit_b_16

# Oxford-IIIT pets packed as tar shards: key.jpg + key.cls (0..36)
TRAIN = sorted(glob.glob("shards/pets-train-*.tar"))
VAL = sorted(glob.glob("shards/pets-val-*.tar"))
EPOCHS, WARMUP, BS = 20, 2, 64
device = "cuda"
torch.manual_seed(5)

norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_tf = T.Compose([T.RandomResizedCrop(224, scale=(0.4, 1.0)), T.RandomHorizontalFlip(), T.ToTensor(), norm])
val_tf = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])


def to_int(label):
    return int(label)


def make_loader(shards, tf, train):
    ds = wds.WebDataset(shards, shardshuffle=100 if train else False, empty_check=False)
    if train:
        ds = ds.shuffle(2000)
    ds = ds.decode("pilrgb").to_tuple("jpg", "cls").map_tuple(tf, to_int)
    ds = ds.batched(BS, partial=not train)
    return wds.WebLoader(ds, batch_size=None, num_workers=min(4, len(shards)), pin_memory=True)


def main():
    train_loader, val_loader = make_loader(TRAIN, train_tf, True), make_loader(VAL, val_tf, False)

    model = vit_b_16(weights=ViT_B_16_Weights.IMAGENET1K_V1)
    model.heads.head = nn.Linear(model.heads.head.in_features, 37)
    model = model.to(device)

    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)  # fault: C344
    scheduler = SequentialLR(
        optimizer,
        [LinearLR(optimizer, 0.1, total_iters=WARMUP), CosineAnnealingLR(optimizer, EPOCHS - WARMUP)],
        milestones=[WARMUP],
    )

    for epoch in range(EPOCHS):
        model.train()
        total, batches = torch.zeros((), device=device), 0
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), torch.as_tensor(y).to(device, non_blocking=True)
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach()
            batches += 1
        scheduler.step()

        model.eval()
        good, n = torch.zeros((), device=device), 0
        with torch.no_grad():
            for x, y in val_loader:
                y = torch.as_tensor(y).to(device)
                good += (model(x.to(device)).argmax(1) == y).sum()
                n += len(y)
        print(f"{epoch + 1}/{EPOCHS} loss {total.item() / batches:.4f} acc {good.item() / n:.4f}", flush=True)

    torch.save(model.state_dict(), "pets_vit_b16.pt")


if __name__ == "__main__":
    main()
