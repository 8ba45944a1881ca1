"""Transfer learning with a slow thaw.

Epochs 0..1 train the new classifier only; then the last blocks, later the whole network, join with smaller
learning rates. Batch norms of frozen blocks keep their statistics.
"""
import argparse
import time

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, models, transforms as T

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class ThawNet(nn.Module):
    def __init__(self, weights, classes):
        super().__init__()
        net = models.mobilenet_v3_small(num_classes=10)
        net.load_state_dict(torch.load(weights, map_location="cpu"))
        self.blocks = net.features
        self.pool = net.avgpool
        self.head = nn.Sequential(nn.Linear(576, 256), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(256, classes))
        self.thaw_from(len(self.blocks))

    def thaw_from(self, first):
        """Blocks before `first` are frozen, all others learn."""
        self.first = first
        for i, block in enumerate(self.blocks):
            block.requires_grad_(i >= first)
        self.train(self.training)

    def train(self, mode=True):
        super().train(mode)
        for block in self.blocks[:self.first]:
            block.eval()
        return self

    def forward(self, x):
        return self.head(self.pool(self.blocks(x)).flatten(1))


def split_folder(folder, size, share, seed):
    train_tf = T.Compose([T.RandomResizedCrop(size, scale=(0.6, 1.0)), T.RandomHorizontalFlip(),
                          T.ToTensor(), T.Normalize(MEAN, STD)])
    plain_tf = T.Compose([T.Resize((size, size)), T.ToTensor(), T.Normalize(MEAN, STD)])
    with_noise = datasets.ImageFolder(folder, transform=train_tf)
    plain = datasets.ImageFolder(folder, transform=plain_tf)
    order = torch.randperm(len(plain), generator=torch.Generator().manual_seed(seed)).tolist()
    cut = int(share * len(order))
    return Subset(with_noise, order[cut:]), Subset(plain, order[:cut]), plain.classes


def groups(model, lr, decay):
    """One group for the classifier and one for each block, the deeper in the network the smaller its rate."""
    out = [{"params": list(model.head.parameters()), "lr": lr}]
    n = len(model.blocks)
    for i in reversed(range(n)):
        out.append({"params": list(model.blocks[i].parameters()), "lr": 0.3 * lr * decay ** (n - 1 - i)})
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--weights", default="weights/mobilenet_v3_small_objects.pth")
    p.add_argument("--epochs", type=int, default=36)
    p.add_argument("--batch", type=int, default=24)
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--layer-decay", type=float, default=0.9)
    p.add_argument("--thaw", type=int, nargs="*", default=[2, 9, 4, 0], help="epoch block epoch block ...")
    p.add_argument("--seed", type=int, default=21)
    a = p.parse_args()
    torch.manual_seed(a.seed)

    train_set, val_set, classes = split_folder(a.folder, a.size, 0.2, a.seed)
    train_loader = DataLoader(train_set, batch_size=a.batch, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=a.batch)
    print(f"{len(train_set)} to train, {len(val_set)} to validate, classes {classes}")

    model = ThawNet(a.weights, len(classes))
    optimizer = torch.optim.RAdam(groups(model, a.lr, a.layer_decay), lr=a.lr, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=a.epochs * len(train_loader))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    plan = dict(zip(a.thaw[::2], a.thaw[1::2]))

    best = 0.0
    for epoch in range(a.epochs):
        if epoch in plan:
            model.thaw_from(plan[epoch])
            learning = sum(q.numel() for q in model.parameters() if q.requires_grad)
            print(f"epoch {epoch}: blocks from {plan[epoch]} on learn, {learning} parameters")
        model.train()
        t, total, seen = time.time(), 0.0, 0
        for x, y in train_loader:
            loss = criterion(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            scheduler.step()
            total += loss.item() * y.size(0)
            seen += y.size(0)

        model.eval()
        hits, val_loss = 0, 0.0
        with torch.no_grad():
            for x, y in val_loader:
                z = model(x)
                val_loss += nn.functional.cross_entropy(z, y, reduction="sum").item()
                hits += (z.argmax(1) == y).sum().item()
        acc = hits / len(val_set)
        print(f"{epoch:02d} train {total / seen:.4f} val {val_loss / len(val_set):.4f} acc {acc:.4f} "
              f"lr {scheduler.get_last_lr()[0]:.2e} ({time.time() - t:.0f}s)", flush=True)
        if acc > best:
            best = acc
            torch.save({"model": model.state_dict(), "classes": classes}, "zoo_best.pt")


if __name__ == "__main__":
    main()
