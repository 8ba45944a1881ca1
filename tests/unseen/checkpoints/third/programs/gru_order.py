"""Reads clothes line by line with a recurrent network and reports its accuracy."""
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

##NET RowGRU##

@dataclass
class Config:
    archive: Path = Path("data/apparel/heldout.npz")
    weights: Path = Path(__file__).parent / "rows.pt"
    side: int = 28
    batch: int = 80


def lines(cfg):
    with np.load(cfg.archive) as z:
        flat = z["images"].reshape(len(z["labels"]), -1)
        labels = z["labels"]
    for i in range(0, len(flat), cfg.batch):
        block = np.stack([@@A@@ for v in flat[i:i + cfg.batch]])
        yield torch.tensor(block / 255.0, dtype=torch.float32), torch.tensor(labels[i:i + cfg.batch])


@torch.no_grad()
def run(cfg):
    net = RowGRU(width=cfg.side)
    net.load_state_dict(torch.load(cfg.weights)["state"])
    net.eval()
    table = np.zeros((10, 2), int)
    for x, y in lines(cfg):
        for t, p in zip(y.tolist(), net(x).argmax(1).tolist()):
            table[t, int(t == p)] += 1
    return table


if __name__ == "__main__":
    t = run(Config())
    print("per class:", " ".join(f"{b / (a + b):.2f}" for a, b in t))
    print(f"accuracy: {t[:, 1].sum() / t.sum():.4f}")
