"""Two sets of weights of one recurrent network, averaged in log space."""
import argparse
from pathlib import Path
import numpy as np
import torch
from torch import nn

##NET RowGRU##

def member(file):
    net = RowGRU().double()
    net.load_state_dict(torch.load(file, map_location="cpu")["state"])
    return net.eval()


@torch.no_grad()
def logp(net, x):
    return net(x).log_softmax(-1).T


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--members", nargs="+", default=["raw.pt", "ema.pt"])
    ap.add_argument("--batch", type=int, default=32)
    a = ap.parse_args()
    nets = [member(Path(__file__).parent / m) for m in a.members]
    z = np.load("data/apparel/heldout.npz")
    order = np.random.default_rng(7).permutation(len(z["labels"]))
    x, y = z["images"][order], z["labels"][order]
    right = 0
    for i in range(0, len(y), a.batch):
        b = torch.from_numpy(x[i:i + a.batch] / 255.0)
        s = torch.stack([logp(n, b) for n in nets]).mean(0)
        right += (s.argmax(0).numpy() == y[i:i + a.batch]).sum()
    print(f"{len(nets)} members: accuracy {right / len(y):.4f}")
