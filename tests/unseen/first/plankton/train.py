# Sound.
"""python train.py --cfg runs/plankton_a.yaml

The YAML holds: root, csv, lr, epochs, batch_size, out_dir
"""
import argparse
import os

import torch
import yaml

from data import build_loaders
from loops import fit_one_epoch, score
from nets import build_net


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cfg", required=True)
    ns = ap.parse_args()
    with open(ns.cfg) as fh:
        cfg = yaml.safe_load(fh)

    torch.manual_seed(1234)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    tr, va = build_loaders(cfg["root"], cfg["csv"], cfg["batch_size"])
    net = build_net(n_out=121).to(device)

    opt = torch.optim.AdamW(net.parameters(), lr=float(cfg["lr"]), weight_decay=0.02)
    sch = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.96)

    os.makedirs(cfg["out_dir"], exist_ok=True)
    best = float("inf")
    for ep in range(cfg["epochs"]):
        tl = fit_one_epoch(net, tr, opt, device)
        vl, va_acc = score(net, va, device)
        sch.step()
        print(f"[{ep:03d}] train {tl:.4f} val {vl:.4f} acc {va_acc:.4f}")
        if vl < best:
            best = vl
            torch.save(net.state_dict(), os.path.join(cfg["out_dir"], "best.pt"))


if __name__ == "__main__":
    main()
