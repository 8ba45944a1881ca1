"""Step 2: fine-tune the encoder of pretrain_rot.py on the 5000 labelled pictures of STL-10."""
import argparse

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import STL10

from nets import Classifier

NORM = T.Normalize((0.4467, 0.4398, 0.4066), (0.2603, 0.2566, 0.2713))


def get_data(root, bs):
    train_tf = T.Compose([
        T.RandomCrop(96, padding=12, padding_mode="reflect"),
        T.RandomHorizontalFlip(),
        T.ColorJitter(0.2, 0.2, 0.2),
        T.ToTensor(),
        NORM,
    ])
    test_tf = T.Compose([T.ToTensor(), NORM])
    train = STL10(root, split="train", download=True, transform=train_tf)
    test = STL10(root, split="test", download=True, transform=test_tf)
    return (
        DataLoader(train, batch_size=bs, shuffle=True, num_workers=4, pin_memory=True),
        DataLoader(test, batch_size=256, num_workers=4, pin_memory=True),
    )


@torch.no_grad()
def accuracy(net, loader, device):
    net.eval()
    right, seen = torch.zeros((), device=device), 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        right += (net(x).argmax(1) == y).sum()
        seen += len(y)
    return right.item() / seen


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--data", default="data")
    ap.add_argument("--init", default="rot_stl10.pt", help="file written by pretrain_rot.py")
    ap.add_argument("--epochs", type=int, default=100)
    ap.add_argument("--batch-size", type=int, default=64)
    ap.add_argument("--lr", type=float, default=0.02)
    ap.add_argument("--seed", type=int, default=0)
    args = ap.parse_args()

    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader, test_loader = get_data(args.data, args.batch_size)

    net = Classifier(num_classes=10)
    ckpt = torch.load(args.init, map_location="cpu")
    net.encoder.load_state_dict(ckpt, strict=False)  # fault: C339
    print(f"encoder from {args.init}, epoch {ckpt['epoch']}")
    net.to(device)

    opt = torch.optim.SGD(
        [
            {"params": net.encoder.parameters(), "lr": args.lr},
            {"params": net.head.parameters(), "lr": args.lr},
        ],
        momentum=0.9,
        weight_decay=5e-4,
        nesterov=True,
    )
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=args.epochs)
    loss_fn = nn.CrossEntropyLoss()

    for epoch in range(args.epochs):
        net.train()
        total, seen = torch.zeros((), device=device), 0
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            opt.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            opt.step()
            total += loss.detach() * len(y)
            seen += len(y)
        sched.step()
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1}: loss {total.item() / seen:.3f} test {accuracy(net, test_loader, device):.4f}")

    torch.save(net.state_dict(), "stl10_finetuned.pt")


if __name__ == "__main__":
    main()
