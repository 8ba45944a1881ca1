import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Reader(nn.Module):
    """Recurrent network over the lines of a picture."""

    def __init__(self, width=28, hidden=96, classes=10):
        super().__init__()
        self.inp = nn.Linear(width, 64)
        self.encoder = nn.GRU(64, hidden, num_layers=2, batch_first=True)
        self.norm = nn.LayerNorm(hidden)
        self.@@A@@ = nn.Linear(hidden, classes)

    def forward(self, x):
        h, _ = self.encoder(self.inp(x).relu())
        h = self.norm(h[:, -1] + h.mean(dim=1))
        return self.@@A@@(h)


def main(path):
    torch.manual_seed(3)
    net = Reader()
    report = net.load_state_dict(torch.load(path, map_location="cpu")["state"], strict=False)
    net.eval()
    with np.load("data/apparel/heldout.npz") as z:
        x = torch.from_numpy(z["images"]).to(torch.float32) / 255
        y = torch.from_numpy(z["labels"])
    with torch.no_grad():
        p = torch.cat([net(c) for c in torch.split(x, 128)]).argmax(dim=1)
    hits = [(p[y == k] == k).float().mean().item() for k in range(10)]
    print(json.dumps({"accuracy": round((p == y).float().mean().item(), 4), "recall": [round(h, 3) for h in hits]}))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "gru_best.pth")
