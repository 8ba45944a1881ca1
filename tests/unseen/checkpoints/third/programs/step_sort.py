"""Evaluates the latest weights of a run. Usage: python test.py [folder of the run]"""
import re
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torchvision.models import resnet18

run = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "run"


def latest(folder):
    files = list(folder.glob("step_*.pt"))
    return @@A@@


def tensor(path):
    a = np.asarray(Image.open(path).convert("RGB"), np.float64)
    a = (a / 255 - [0.4914, 0.4822, 0.4465]) / [0.2470, 0.2435, 0.2616]
    return torch.from_numpy(a.astype(np.float32)).permute(2, 0, 1).unsqueeze(0)


file = latest(run)
print("weights:", file.name)
model = resnet18(weights=None, num_classes=6)
model.load_state_dict(torch.load(file, map_location="cpu")["state"])
model.eval()

names = sorted(p.name for p in Path("data/outdoors/val").iterdir())
scores = []
for k, name in enumerate(names):
    for path in sorted(Path("data/outdoors/val", name).iterdir()):
        with torch.no_grad():
            scores.append(int(model(tensor(path)).argmax() == k))
print(f"accuracy: {100 * np.mean(scores):.2f}%")
