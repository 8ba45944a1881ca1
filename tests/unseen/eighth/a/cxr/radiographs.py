import csv
from pathlib import Path

from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as tr


class Radiographs(Dataset):
    def __init__(self, list_file, image_root, class_names, training):
        number = {c: i for i, c in enumerate(class_names)}
        with open(list_file, newline="") as fh:
            self.items = [(Path(image_root) / row["path"], number[row["finding"]]) for row in csv.DictReader(fh)]
        last = [tr.ToTensor(), tr.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
        if training:
            # no mirroring: the heart is on one side
            steps = [tr.RandomResizedCrop(224, scale=(0.7, 1.0), ratio=(0.9, 1.1)), tr.RandomRotation(7)]
        else:
            steps = [tr.Resize(256), tr.CenterCrop(224)]
        self.pipeline = tr.Compose(steps + last)

    def __len__(self):
        return len(self.items)

    def __getitem__(self, n):
        file, label = self.items[n]
        return self.pipeline(Image.open(file).convert("RGB")), label
