import csv
import os

from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T


class LeafTable(Dataset):
    """rows: file name, class number"""

    def __init__(self, folder, table, transform):
        self.folder, self.transform = folder, transform
        with open(table, newline="") as fh:
            rows = csv.reader(fh)
            next(rows)
            self.rows = [(name, int(number)) for name, number in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        name, number = self.rows[i]
        with Image.open(os.path.join(self.folder, name)) as im:
            return self.transform(im.convert("RGB")), number


def build_transform(cfg, is_train):
    tail = [T.ToTensor(), T.Normalize(cfg.INPUT.PIXEL_MEAN, cfg.INPUT.PIXEL_STD)]
    if is_train:
        head = [T.RandomResizedCrop(cfg.INPUT.SIZE, scale=(0.4, 1.0)),
                T.RandomHorizontalFlip(),
                T.RandomVerticalFlip()]
    else:
        head = [T.Resize(cfg.INPUT.RESIZE), T.CenterCrop(cfg.INPUT.SIZE)]
    return T.Compose(head + tail)


def build_loader(cfg, is_train):
    table = cfg.DATA.TRAIN_CSV if is_train else cfg.DATA.VAL_CSV
    ds = LeafTable(cfg.DATA.FOLDER, table, build_transform(cfg, is_train))
    return DataLoader(ds, batch_size=cfg.SOLVER.IMS_PER_BATCH, shuffle=is_train,
                      num_workers=cfg.DATA.WORKERS, drop_last=is_train)
