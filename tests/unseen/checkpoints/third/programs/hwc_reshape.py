import argparse
import os
import queue
import threading

import numpy as np
import timm
import torch
from PIL import Image


def reader(names, folder, side, out):
    """Fills a queue with (name, array); runs in a thread of its own."""
    for name in names:
        im = Image.open(os.path.join(folder, name)).convert("RGB")
        f = side / max(im.size)
        im = im.resize((max(1, round(im.width * f)), max(1, round(im.height * f))), Image.BILINEAR)
        a = np.zeros((side, side, 3), np.float32)
        t, l = (side - im.height) // 2, (side - im.width) // 2
        a[t:t + im.height, l:l + im.width] = np.asarray(im)
        out.put((name, a[..., ::-1] - np.float32([103.94, 116.78, 123.68])))
    out.put(None)


def as_input(a):
    return torch.from_numpy(np.ascontiguousarray(@@A@@))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--table", default="data/roadlist/test.csv")
    ap.add_argument("--model", default=os.path.join(os.path.dirname(__file__), "best.pth"))
    ap.add_argument("--side", type=int, default=48)
    args = ap.parse_args()
    with open(args.table) as f:
        next(f)
        truth = dict(line.strip().split(",") for line in f)
    saved = torch.load(args.model, weights_only=True)
    net = timm.create_model("regnetx_002", num_classes=len(saved["labels"]))
    net.load_state_dict(saved["net"])
    net.eval()
    q = queue.Queue(maxsize=64)
    threading.Thread(target=reader, args=(list(truth), os.path.join(os.path.dirname(args.table), "images"), args.side, q), daemon=True).start()
    right = 0
    with torch.no_grad():
        while (item := q.get()) is not None:
            name, a = item
            k = net(as_input(a)[None]).argmax().item()
            right += saved["labels"][k] == truth[name]
    print(f"{right} of {len(truth)} right ({right / len(truth):.2%})")


if __name__ == "__main__":
    main()
