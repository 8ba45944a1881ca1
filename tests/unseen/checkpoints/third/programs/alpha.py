import json
from pathlib import Path

import timm
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler, default_collate
from torchvision.transforms import v2

CASE = Path(__file__).parent
DATA = Path("data/stamps")
WHITE = (255, 255, 255)


class Page:
    """Puts a picture in the middle of a white square."""

    def __init__(self, side):
        self.side = side

    def __call__(self, im):
        k = self.side / max(im.size)
        im = im.resize([max(1, round(v * k)) for v in im.size], Image.BILINEAR)
        out = Image.new("RGB", (self.side, self.side), WHITE)
        out.paste(im, ((self.side - im.width) // 2, (self.side - im.height) // 2))
        return out


def opaque(im):
@@A@@

class Index:
    def __init__(self, names):
        rows = json.loads((DATA / "index.json").read_text())
        self.rows = [r for r in rows if r["part"] == "test"]
        self.names = names
        self.tf = v2.Compose([opaque, Page(64), v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5], [0.5])])

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        r = self.rows[i]
        return self.tf(Image.open(DATA / "png" / r["file"])), self.names.index(r["class"])


def main():
    cfg = json.loads((CASE / "config.json").read_text())
    net = timm.create_model(cfg["architecture"], num_classes=len(cfg["label_names"]))
    net.load_state_dict(load_file(CASE / "model.safetensors"))
    net.eval()
    data = Index(cfg["label_names"])
    sampler = BatchSampler(SequentialSampler(data), 32, drop_last=False)
    ok = 0
    with torch.inference_mode():
        for x, y in DataLoader(data, batch_sampler=sampler, collate_fn=default_collate):
            f = net.forward_features(x)
            ok += (net.forward_head(f).argmax(1) == y).sum().item()
    print(f"top1: {ok / len(data) * 100:.1f}")


if __name__ == "__main__":
    main()
