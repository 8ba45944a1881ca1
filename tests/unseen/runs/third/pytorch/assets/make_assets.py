"""Trains the three small nets whose weights make_data.py writes as "pretrained" (some minutes each; the .pt files lie here)."""
import sys
import time
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

wanted = sys.argv[1:]
sys.argv = ["make_data.py", "none"]
src = (Path(__file__).parent.parent / "make_data.py").read_text().rsplit("\nmain()", 1)[0]
exec(src)
torch.manual_seed(0)
pool = read_cifar()
mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
eight = [n for n in NAMES if n not in ("cat", "deer")]
jobs = [("signs_teacher", lambda: ResNet(BasicBlock, [1, 1, 1, 1], num_classes=8), eight, 0, 220, 48, 240),
        ("resnet18_objects", lambda: torchvision.models.resnet18(num_classes=10), NAMES, 400, 720, 64, 200),
        ("mobilenetv3_small_objects", lambda: timm.create_model("mobilenetv3_small_100", num_classes=10), NAMES, 400, 720, 64, 330)]
for name, make, names, a, b, size, seconds in [j for j in jobs if not wanted or j[0] in wanted]:
    x, y = tensors(pool, names, a, b, size, mean, std)
    net = make()
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.02)
    start, n, hits, seen = time.time(), 0, 0, 0
    net.train()
    while time.time() < start + seconds:
        done = (time.time() - start) / seconds
        for g in opt.param_groups:
            g["lr"] = (3e-3 if "mobile" in name else 1.5e-3) * max(0.02, 1 - done)
        pick = torch.randint(0, len(x), (32,))
        xb = x[pick]
        if torch.rand(()) < 0.5:
            xb = xb.flip(-1)
        dx, dy = torch.randint(-5, 6, (2,)).tolist()
        out = net(torch.roll(xb, (dy, dx), (2, 3)))
        loss = nn.functional.cross_entropy(out, y[pick])
        opt.zero_grad()
        loss.backward()
        opt.step()
        n += 1
        if done > 0.9:
            hits += (out.argmax(1) == y[pick]).sum().item()
            seen += len(pick)
    print(name, n, "steps, train accuracy", hits / max(seen, 1), flush=True)
    torch.save({k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()}, Path(__file__).parent / f"{name}.pt")
