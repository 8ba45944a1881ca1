import pickle

import albumentations as A
import cv2
import lmdb
import numpy as np
from albumentations.pytorch import ToTensorV2
from torch.utils.data import Dataset

SIZE = 256


def build_transform(train):
    tail = [A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)), ToTensorV2()]
    if train:
        return A.Compose([
            A.RandomResizedCrop(size=(SIZE, SIZE), scale=(0.5, 1.0)),
            A.HorizontalFlip(p=0.5),
            A.RandomBrightnessContrast(p=0.3),
            A.CoarseDropout(p=0.3),
            *tail,
        ])
    return A.Compose([A.SmallestMaxSize(max_size=288), A.CenterCrop(SIZE, SIZE), *tail])


class FashionLMDB(Dataset):
    """Records written by pack.py: key -> pickle((file bytes, class number)), '__keys__' -> list of keys."""

    def __init__(self, path, transform):
        self.path = path
        self.transform = transform
        self.env = None
        env = lmdb.open(path, readonly=True, lock=False)
        with env.begin() as txn:
            self.keys = pickle.loads(txn.get(b"__keys__"))
            self.n_classes = int(txn.get(b"__n_classes__"))
        env.close()

    def __len__(self):
        return len(self.keys)

    def _open(self):
        self.env = lmdb.open(self.path, readonly=True, lock=False, readahead=False, meminit=False)

    def __getitem__(self, idx):
        if self.env is None:
            self._open()
        with self.env.begin(buffers=False) as txn:
            raw, label = pickle.loads(txn.get(self.keys[idx]))
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)  # fault: N207
        return self.transform(image=image)["image"], label
