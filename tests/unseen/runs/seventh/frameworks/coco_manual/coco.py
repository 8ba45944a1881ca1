import json
from collections import namedtuple
from pathlib import Path

import torch
from torchvision.io import ImageReadMode, read_image

Item = namedtuple("Item", "file target")


def load(root):
    """COCO-like json -> {'train': [...], 'val': [...]}, number of classes. Category ids are 10, 20, ..."""
    root = Path(root)
    js = json.loads((root / "annotations.json").read_text())
    number = {c["id"]: k for k, c in enumerate(sorted(js["categories"], key=lambda c: c["id"]))}
    label = {a["image_id"]: number[a["category_id"]] for a in js["annotations"]}
    parts = {"train": [], "val": []}
    for im in js["images"]:
        parts[im["split"]].append(Item(root / "images" / im["file_name"], label[im["id"]]))
    return parts, len(number)


class Pictures(torch.utils.data.Dataset):
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return read_image(str(self.items[i].file), ImageReadMode.RGB), self.items[i].target   # uint8, normalised in the network
