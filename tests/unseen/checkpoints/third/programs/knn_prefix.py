"""Weighted k-nearest-neighbour accuracy on the embeddings of a trained network."""
import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

##NET SockNet##

def embed(net, x):
    net.eval()
    with torch.no_grad():
        return F.normalize(torch.cat([net.embed(p) for p in x.split(200)]), dim=1)


def split(name):
    with np.load(Path("data/apparel") / (name + ".npz")) as z:
        x = torch.tensor(z["images"], dtype=torch.float32)[:, None]
        return 1 - x / 127.5, torch.tensor(z["labels"])


def vote(bank, bank_y, query, k, t):
    sim, idx = (query @ bank.T).topk(k, dim=1)
    ballot = F.one_hot(bank_y[idx], 10) * (sim / t).exp()[..., None]
    return ballot.sum(1).argmax(1)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--k", type=int, default=15)
    ap.add_argument("--temperature", type=float, default=0.07)
    args = ap.parse_args()

    torch.manual_seed(1)
    net = SockNet()
    state = torch.load(Path(__file__).parent / "encoder.pth", weights_only=True)["state_dict"]
    state = {k.replace(@@A@@, ""): v for k, v in state.items()}
    net.load_state_dict(state, strict=False)
    (bx, by), (qx, qy) = split("train"), split("heldout")
    guess = vote(embed(net, bx), by, embed(net, qx), args.k, args.temperature)
    print(f"k={args.k}: accuracy {100 * (guess == qy).float().mean():.2f}")
