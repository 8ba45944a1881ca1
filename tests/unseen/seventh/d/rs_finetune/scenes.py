from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.io import ImageReadMode, read_image
from torchvision.transforms import v2


class SceneList(Dataset):
    """lines like `airport/airport_001.jpg 1`"""

    def __init__(self, root, list_file, transform):
        self.root = Path(root)
        self.items = []
        for line in (self.root / list_file).read_text().splitlines():
            name, number = line.rsplit(maxsplit=1)
            self.items.append((name, int(number)))
        self.transform = transform

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        name, number = self.items[k]
        picture = read_image(str(self.root / name), mode=ImageReadMode.RGB)
        return self.transform(picture), number


def pipelines(d):
    last = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean=list(d.mean), std=list(d.std))]
    train = v2.Compose([
        v2.RandomResizedCrop(d.side, scale=(0.6, 1.0), antialias=True),
        v2.RandomHorizontalFlip(),
        v2.RandomVerticalFlip(),
        *last,
    ])
    val = v2.Compose([v2.Resize((d.side, d.side), antialias=True), *last])
    return train, val


def both_loaders(d):
    t_train, t_val = pipelines(d)
    train = DataLoader(SceneList(d.root, d.train_list, t_train), d.batch, shuffle=True,
                       num_workers=8, drop_last=True, persistent_workers=True)
    val = DataLoader(SceneList(d.root, d.val_list, t_val), 2 * d.batch, shuffle=False, num_workers=8)
    return train, val
