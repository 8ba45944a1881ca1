"""Eight-bit weights, one scale for each output channel."""
import csv
from pathlib import Path
import numpy as np
import timm
import torch
from torch import nn
from PIL import Image

SIDE = 48


def squeeze(net):
    for m in net.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            w = m.weight.data
            s = w.flatten(1).abs().amax(1).clamp_min(1e-12).view(-1, *[1] * (w.dim() - 1)) / 127
            m.weight.data = torch.round(w / s).clamp(-127, 127).to(torch.int8).float() * s
    return net


class RoadList(torch.utils.data.Dataset):
    def __init__(self, labels, table="data/roadlist/test.csv"):
        self.root = Path(table).parent / "images"
        with open(table) as f:
            self.rows = [(r["file"], labels.index(r["label"])) for r in csv.DictReader(f)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        name, k = self.rows[i]
        im = Image.open(self.root / name).convert("RGB")
        f = SIDE / max(im.size)
        im = im.resize((max(1, round(im.width * f)), max(1, round(im.height * f))), Image.BILINEAR)
        box = Image.new("RGB", (SIDE, SIDE), 0)
        box.paste(im, ((SIDE - im.width) // 2, (SIDE - im.height) // 2))
        a = np.array(box)[..., ::-1].astype(np.float32)
        return (a - (103.94, 116.78, 123.68)).astype(np.float32).transpose(2, 0, 1), k


saved = torch.load(Path(__file__).with_name("regnetx_002.pth"), map_location="cpu")
net = timm.create_model("regnetx_002", num_classes=5)
net.load_state_dict(saved["net"])
net = squeeze(net).eval()
hit = []
with torch.no_grad():
    for x, y in torch.utils.data.DataLoader(RoadList(saved["labels"]), batch_size=50, shuffle=True):
        hit.append((net(x).argmax(1) == y).float())
print(f"int8 weights: accuracy {torch.cat(hit).mean() * 100:.2f}%")
