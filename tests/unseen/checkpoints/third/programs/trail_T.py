import argparse, os
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from PIL import Image

##NET TrailNet##

def load(path):
    ck = torch.load(path, map_location="cpu", weights_only=False)
    sd = ck["state_dict"]
    m, s = sd.pop("mean"), sd.pop("std")
    net = TrailNet()
    net.load_state_dict({k[4:]: v for k, v in sd.items()})
    net.eval()
    print("trained for", ck["epoch"], "epochs,", ck["global_step"], "steps")
    return net, m, s


def picture(file, crop=40):
    a = np.array(Image.open(file).convert("RGB"), dtype=np.float32) / 255
    o = (a.shape[0] - crop) // 2
    a = a[o:o + crop, o:o + crop]
    return torch.from_numpy(@@A@@.copy())


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--ckpt", default=os.path.join(os.path.dirname(__file__), "last.ckpt"))
    ap.add_argument("--root", default="data/survey/heldout")
    ap.add_argument("--batch", type=int, default=32)
    a = ap.parse_args()
    net, m, s = load(a.ckpt)
    kinds = sorted(os.listdir(a.root), key=int)
    todo = [(os.path.join(a.root, k, f), i) for i, k in enumerate(kinds) for f in sorted(os.listdir(os.path.join(a.root, k)))]
    good, loss = 0, 0.0
    with torch.no_grad():
        while todo:
            now, todo = todo[:a.batch], todo[a.batch:]
            x = torch.stack([picture(f) for f, _ in now])
            y = torch.tensor([i for _, i in now])
            z = net((x - m) / s)
            loss += F.cross_entropy(z, y, reduction="sum").item()
            good += (z.argmax(1) == y).sum().item()
    n = sum(len(os.listdir(os.path.join(a.root, k))) for k in kinds)
    print(f"loss {loss / n:.3f}  acc {good / n * 100:.2f}%")


if __name__ == "__main__":
    main()
