"""Accuracy with the mean of three views of every picture."""
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

##NET SockNet##

VIEWS = [
    lambda x: x,
    lambda x: x.flip(-1),
    lambda x: torch.roll(x, 1, dims=-2),
]


def multi(net, x):
    stack = torch.cat([v(x) for v in VIEWS], dim=0)
    p = net(stack).softmax(dim=-1)
    return @@A@@


def heldout():
    z = np.load("data/apparel/heldout.npz")
    x = (255.0 - z["images"]).astype(np.float32) / 255.0
    return TensorDataset(torch.from_numpy((x - 0.5) / 0.5)[:, None], torch.from_numpy(z["labels"]))


def main():
    net = SockNet()
    net.load_state_dict(torch.load(Path(__file__).parent / "sock.pt", map_location="cpu")["state"])
    net.eval()
    hit = n = 0
    with torch.no_grad():
        for x, y in DataLoader(heldout(), batch_size=64):
            hit += (multi(net, x).argmax(-1) == y).sum().item()
            n += len(y)
    print(f"{len(VIEWS)} views, {n} pictures: {hit / n:.2%} correct")


if __name__ == "__main__":
    main()
