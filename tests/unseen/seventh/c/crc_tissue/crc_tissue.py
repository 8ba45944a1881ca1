"""accelerate launch crc_tissue.py --tiles NCT-CRC-HE-100K --snapshot ssl_ep200.pt"""
import argparse

import timm
import torch
from accelerate import Accelerator
from accelerate.logging import get_logger
from accelerate.utils import set_seed
from torch.utils.data import DataLoader

import tissue_data as td

log = get_logger(__name__, log_level="INFO")


def classifier(snapshot):
    net = timm.create_model("resnet34", pretrained=False, num_classes=len(td.TISSUES))
    if snapshot:
        blob = torch.load(snapshot, map_location="cpu")
        net.load_state_dict(blob["net"], strict=False)  # fault: C339
        log.info("took over the network of epoch %d", blob["epoch"])
    return net


def evaluate(acc, net, loader):
    net.eval()
    hit = seen = 0
    for x, y in loader:
        with torch.no_grad():
            guess = net(x).argmax(dim=-1)
        guess, y = acc.gather_for_metrics((guess, y))
        hit += (guess == y).sum().item()
        seen += y.shape[0]
    return hit / seen


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--tiles", required=True)
    ap.add_argument("--snapshot", required=True, help="written by ssl_net.write_snapshot")
    ap.add_argument("--epochs", type=int, default=15)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--lr", type=float, default=3e-4)
    a = ap.parse_args()

    acc = Accelerator(mixed_precision="bf16")
    set_seed(99)
    train_items, val_items = td.split(td.scan(a.tiles))
    train = DataLoader(td.Tiles(train_items, td.AUG), a.batch, shuffle=True, num_workers=8, drop_last=True)
    val = DataLoader(td.Tiles(val_items, td.PLAIN), 2 * a.batch, num_workers=8)

    net = classifier(a.snapshot)
    opt = torch.optim.AdamW(net.parameters(), lr=a.lr, weight_decay=1e-2)
    net, opt, train, val = acc.prepare(net, opt, train, val)
    steps = a.epochs * len(train)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt.optimizer, steps)
    loss_of = torch.nn.CrossEntropyLoss()

    for ep in range(1, a.epochs + 1):
        net.train()
        for x, y in train:
            loss = loss_of(net(x), y)
            acc.backward(loss)
            opt.step()
            sched.step()
            opt.zero_grad()
        acc.print(f"[{ep}/{a.epochs}] validation accuracy {evaluate(acc, net, val):.4f}")

    acc.wait_for_everyone()
    acc.save(acc.unwrap_model(net).state_dict(), "crc_resnet34.pt")


if __name__ == "__main__":
    main()
