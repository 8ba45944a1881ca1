import json
import os

import torch
from PIL import Image
from torchvision.transforms import v2


class CocoClasses(torch.utils.data.Dataset):
    """one category for each picture, annotations in the COCO manner"""

    def __init__(self, root, part, train):
        with open(os.path.join(root, part + ".json")) as f:
            d = json.load(f)
        cats = sorted(c["id"] for c in d["categories"])
        self.names = [c["name"] for c in sorted(d["categories"], key=lambda c: c["id"])]
        file = {i["id"]: os.path.join(root, "images", i["file_name"]) for i in d["images"]}
        self.items = [(file[a["image_id"]], cats.index(a["category_id"])) for a in d["annotations"]]
        tail = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
        head = [v2.RandomResizedCrop(48, scale=(0.6, 1.0), antialias=True), v2.RandomHorizontalFlip()] if train else [v2.Resize((48, 48))]
        self.transform = v2.Compose(head + tail)

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, target = self.items[i]
        return self.transform(Image.open(path).convert("RGB")), target
