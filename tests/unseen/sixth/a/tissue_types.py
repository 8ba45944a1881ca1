"""Nine tissue types from H&E patches (NCT-CRC-HE-100K), tested on CRC-VAL-HE-7K.

usage: python tissue_types.py --train NCT-CRC-HE-100K --test CRC-VAL-HE-7K
"""
import argparse
import logging

import torch
from torch import nn
from torch.hub import load_state_dict_from_url
from torch.utils.data import DataLoader, Subset
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.models import resnet18

log = logging.getLogger("tissue")
RESNET18_URL = "https://download.pytorch.org/models/resnet18-f37072fd.pth"


class TissueNet(nn.Module):
    """ResNet-18 encoder and a linear head."""

    def __init__(self, n_types: int):
        super().__init__()
        self.encoder = resnet18(weights=None)
        dim = self.encoder.fc.in_features
        self.encoder.fc = nn.Identity()
        self.head = nn.Linear(dim, n_types)

    def forward(self, x):
        return self.head(self.encoder(x))


def build_model(n_types: int) -> nn.Module:
    model = TissueNet(n_types)
    state = load_state_dict_from_url(RESNET18_URL, progress=False)
    model.load_state_dict(state, strict=False)  # fault: C339
    return model


def loaders(args):
    stats = dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    aug = transforms.Compose([
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.ColorJitter(0.2, 0.2, 0.2, 0.02),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ])
    plain = transforms.Compose([transforms.ToTensor(), transforms.Normalize(**stats)])

    a, b = ImageFolder(args.train, aug), ImageFolder(args.train, plain)
    perm = torch.randperm(len(a), generator=torch.Generator().manual_seed(args.seed)).tolist()
    n_val = len(perm) // 10
    test = ImageFolder(args.test, plain)
    assert test.classes == a.classes
    kw = dict(num_workers=args.workers, pin_memory=True)
    return (DataLoader(Subset(a, perm[n_val:]), batch_size=args.batch_size, shuffle=True, **kw),
            DataLoader(Subset(b, perm[:n_val]), batch_size=args.batch_size, **kw),
            DataLoader(test, batch_size=args.batch_size, **kw))


@torch.no_grad()
def accuracy(model, loader, device):
    model.eval()
    good = torch.zeros((), dtype=torch.long, device=device)
    seen = 0
    for x, y in loader:
        pred = model(x.to(device, non_blocking=True)).argmax(1)
        good += (pred == y.to(device, non_blocking=True)).sum()
        seen += len(y)
    return good.item() / seen


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--train", required=True)
    ap.add_argument("--test", required=True)
    ap.add_argument("--epochs", type=int, default=8)
    ap.add_argument("--batch-size", type=int, default=64)
    ap.add_argument("--lr", type=float, default=1e-4)
    ap.add_argument("--workers", type=int, default=8)
    ap.add_argument("--seed", type=int, default=11)
    args = ap.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train, val, test = loaders(args)
    model = build_model(n_types=9).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    for epoch in range(1, args.epochs + 1):
        model.train()
        total, seen = torch.zeros((), device=device), 0
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(y)
            seen += len(y)
        log.info("epoch %d loss %.4f val acc %.4f", epoch, total.item() / seen, accuracy(model, val, device))

    log.info("test acc after the last epoch %.4f", accuracy(model, test, device))
    torch.save(model.state_dict(), "tissue.pt")


if __name__ == "__main__":
    main()
