"""Evaluates the stamp network; the pictures are composed with numpy."""
import json
from pathlib import Path
import numpy as np
import timm
import torch
from PIL import Image
from safetensors.torch import load

here = Path(__file__).parent


def compose(file, side=64, paper=255):
    r, g, b, a = Image.open(file).convert("RGBA").split()
    alpha = np.asarray(a, np.float64) / 255
    bgr = np.stack([np.asarray(c, np.float64) * alpha + paper * (1 - alpha) for c in (b, g, r)], axis=-1)
    im = Image.fromarray(np.round(bgr[:, :, ::-1]).astype("uint8"))
    scale = side / max(im.size)
    im = im.resize((max(1, round(im.width * scale)), max(1, round(im.height * scale))), Image.BILINEAR)
    dx, dy = side - im.width, side - im.height
    return np.pad(np.asarray(im), ((dy // 2, dy - dy // 2), (dx // 2, dx - dx // 2), (0, 0)), constant_values=paper)


def batches(rows, n):
    for i in range(0, len(rows), n):
        part = rows[i:i + n]
        x = np.stack([compose(f"data/stamps/png/{r['file']}") for r in part]).transpose(0, 3, 1, 2)
        yield torch.tensor(x / 255, dtype=torch.float32), [r["class"] for r in part]


names = sorted({r["class"] for r in json.loads(Path("data/stamps/index.json").read_text())})
stored = json.loads((here / "classes.json").read_text())
column = [stored.index(n) for n in names]
net = timm.create_model("resnet10t", num_classes=len(stored)).eval()
net.load_state_dict(load((here / "resnet10t_stamps.safetensors").read_bytes()))
rows = [r for r in json.loads(Path("data/stamps/index.json").read_text()) if r["part"] == "test"][::-1]
right = []
for x, truth in batches(rows, 30):
    with torch.no_grad():
        z = net((x - 0.5) / 0.5)[:, column]
    right += [names[k] == t for k, t in zip(z.argmax(1), truth)]
print(f"accuracy: {np.mean(right):.4f} (n={len(right)})")
