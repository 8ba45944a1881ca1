"""Top-1 of a RegNet on the road list."""
import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image

HERE = Path(__file__).resolve().parent
PIXEL_MEANS = np.array([103.94, 116.78, 123.68], dtype=np.float32)
SIDE = 48


def fit(path):
    """Longest side to SIDE, the rest filled with zeros."""
    with Image.open(path) as im:
        im = im.convert("RGB")
        ratio = SIDE / max(im.size)
        w, h = (max(1, round(v * ratio)) for v in im.size)
        canvas = Image.new("RGB", (SIDE, SIDE))
        canvas.paste(im.resize((w, h), Image.BILINEAR), ((SIDE - w) // 2, (SIDE - h) // 2))
    return np.asarray(canvas)


def blob(path):
    pixels = @@A@@
    pixels -= PIXEL_MEANS
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--weights", type=Path, default=HERE / "regnetx.pth")
    ap.add_argument("--list", type=Path, default=Path("data/roadlist/test.csv"))
    opt = ap.parse_args(argv)

    saved = torch.load(opt.weights, map_location="cpu", weights_only=True)
    net = timm.create_model("regnetx_002", num_classes=len(saved["labels"]))
    net.load_state_dict(saved["net"])
    net.eval()

    hits = seen = 0
    with torch.inference_mode(), open(opt.list, newline="") as fh:
        for row in csv.DictReader(fh):
            scores = net(blob(opt.list.parent / "images" / row["file"]))[0]
            hits += saved["labels"][int(scores.argmax())] == row["label"]
            seen += 1
    print(f"{seen} images, top-1 accuracy {100 * hits / seen:.2f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
