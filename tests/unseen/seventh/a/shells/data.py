import csv
import os
import random

import cv2
import numpy as np
from torch.utils.data import Dataset
from torchvision import transforms as T

SPECIES = ["cerithium", "conus", "cypraea", "haliotis", "murex", "nautilus", "patella", "strombus"]

finish = T.Compose([
    T.ToTensor(),
    T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])


def read_list(path):
    with open(path, newline="") as f:
        return [(row["photo"], SPECIES.index(row["species"])) for row in csv.DictReader(f)]


class Shells(Dataset):
    """One photo on each row of the list; photos lie under `root`."""

    def __init__(self, root, list_file, side=224, augment=False):
        self.root = root
        self.rows = read_list(os.path.join(root, list_file))
        self.side = side
        self.augment = augment

    def __len__(self):
        return len(self.rows)

    def _open(self, name):
        bgr = cv2.imread(os.path.join(self.root, "photos", name), cv2.IMREAD_COLOR)
        if bgr is None:
            raise FileNotFoundError(name)
        rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        rgb = cv2.resize(rgb, (self.side, self.side), interpolation=cv2.INTER_AREA)
        return rgb.astype(np.float32)  # fault: C337

    def _jiggle(self, im):
        if random.random() < 0.5:
            im = cv2.flip(im, 1)
        turn = cv2.getRotationMatrix2D((self.side / 2, self.side / 2), random.uniform(-25, 25), random.uniform(0.9, 1.1))
        return cv2.warpAffine(im, turn, (self.side, self.side), borderMode=cv2.BORDER_REFLECT)

    def __getitem__(self, i):
        name, k = self.rows[i]
        im = self._open(name)
        if self.augment:
            im = self._jiggle(im)
        return finish(im), k
