from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision.transforms import v2

SPECIES = ["bird", "cat", "deer", "dog", "frog", "horse"]


class Wildlife(Dataset):
    """labels.csv: image_id, species, fold. Gives dictionaries as the Trainer wants them."""

    def __init__(self, root, fold, size=64):
        table = pd.read_csv(Path(root) / "labels.csv")
        table = table[table["fold"] == fold].reset_index(drop=True)
        self.files = [Path(root) / "images" / f"{i}.jpg" for i in table["image_id"]]
        self.targets = table["species"].map(SPECIES.index).to_numpy()
        end = [
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.48, 0.46, 0.41], [0.24, 0.24, 0.25]),
        ]
        if fold == "train":
            self.transform = v2.Compose(
                [v2.RandomCrop(size, padding=6, padding_mode="reflect"), v2.RandomHorizontalFlip(), *end, v2.RandomErasing(0.2)]
            )
        else:
            self.transform = v2.Compose([v2.Resize((size, size)), *end])

    def class_weights(self):
        """Rarer species weigh more; the weights average one over the pictures."""
        counts = np.bincount(self.targets, minlength=len(SPECIES))
        w = 1.0 / np.sqrt(counts)
        w = w * counts.sum() / (w * counts).sum()
        return torch.tensor(w, dtype=torch.float32)

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        with Image.open(self.files[i]) as im:
            x = self.transform(im.convert("RGB"))
        return {"pixel_values": x, "labels": int(self.targets[i])}
