from pathlib import Path

from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T


class ListDataset(Dataset):
    """Lines of 'relative/path.jpg class_index'."""

    def __init__(self, root, list_file, transform):
        self.root = Path(root)
        self.items = []
        for line in (self.root / list_file).read_text().splitlines():
            path, label = line.rsplit(" ", 1)
            self.items.append((path, int(label)))
        self.transform = transform

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        path, label = self.items[index]
        with Image.open(self.root / path) as image:
            image = image.convert("RGB")
        return self.transform(image), label


def build_loaders(cfg):
    size = cfg["size"]
    tail = [T.ToTensor(), T.Normalize(cfg["mean"], cfg["std"])]
    train_tf = T.Compose([T.RandomResizedCrop(size, scale=(0.6, 1.0), ratio=(0.9, 1.1)), T.RandomHorizontalFlip(), *tail])
    val_tf = T.Compose([T.Resize(size), T.CenterCrop(size), *tail])
    train = ListDataset(cfg["root"], cfg["train_list"], train_tf)
    val = ListDataset(cfg["root"], cfg["val_list"], val_tf)
    common = dict(batch_size=cfg["batch_size"], num_workers=cfg["workers"])
    return DataLoader(train, shuffle=True, drop_last=True, **common), DataLoader(val, shuffle=False, **common)
