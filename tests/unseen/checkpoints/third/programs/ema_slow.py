import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

##NET SockNet##

def build(ck):
    net = SockNet(**ck["args"])
    net.load_state_dict(ck[@@A@@])
    return net.eval()


parser = argparse.ArgumentParser()
parser.add_argument("-c", "--checkpoint", default=str(Path(__file__).parent / "checkpoint_last.pth"))
parser.add_argument("-d", "--data", default="data/apparel/heldout.npz")
parser.add_argument("-b", "--batch", type=int, default=50)
opts = parser.parse_args()

ck = torch.load(opts.checkpoint, map_location="cpu", weights_only=True)
print("epoch", ck["epoch"], "- stored parts:", ", ".join(sorted(ck)))
net = build(ck)
data = np.load(opts.data)
images = (0.5 - data["images"].astype(np.float32) / 255)[:, None] * 2
labels = data["labels"]
right = 0
for lo in range(0, len(labels), opts.batch):
    sl = slice(lo, lo + opts.batch)
    with torch.no_grad():
        right += (net(torch.from_numpy(images[sl])).numpy().argmax(-1) == labels[sl]).sum()
print(f"test accuracy {right}/{len(labels)} = {right / len(labels):.4f}")
