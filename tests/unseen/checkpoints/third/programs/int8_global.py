"""Evaluates the stored network with eight-bit weights."""
import argparse
from pathlib import Path

import torch
from torch import nn
import torch.nn.functional as F
from torchvision.datasets import DatasetFolder
from torchvision.io import decode_image

##NET TrailNet##

def step_of(values):
    return values.abs().max() / 127


def to_bytes(net):
    weights = [m.weight for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    packed = []
@@A@@
    return packed


def from_bytes(packed):
    with torch.no_grad():
        for w, q, s in packed:
            w.copy_(q.float() * s)


class Numbered(DatasetFolder):
    def find_classes(self, directory):
        names = sorted((p.name for p in Path(directory).iterdir()), key=int)
        return names, {n: i for i, n in enumerate(names)}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--batch", type=int, default=60)
    args = ap.parse_args()
    sd = torch.load(Path(__file__).parent / "trail.ckpt", map_location="cpu", weights_only=False)["state_dict"]
    mean, std = sd.pop("mean"), sd.pop("std")
    net = TrailNet().eval()
    net.load_state_dict({k.partition(".")[2]: v for k, v in sd.items()})
    packed = to_bytes(net)
    from_bytes(packed)
    print(f"{sum(q.numel() for _, q, _ in packed) / 1024:.0f} KiB of weights")
    data = Numbered("data/survey/heldout", loader=decode_image, extensions=(".png",))
    good = 0
    for x, y in torch.utils.data.DataLoader(data, batch_size=args.batch):
        x = (x[:, :, 4:-4, 4:-4] / 255 - mean) / std
        with torch.no_grad():
            good += net(x).argmax(1).eq(y).sum().item()
    print(f"accuracy {good / len(data) * 100:.2f}")


main()
