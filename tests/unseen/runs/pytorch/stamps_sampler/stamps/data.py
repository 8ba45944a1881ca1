import os

from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as T


class StampFolder(Dataset):
    """ROOT/PART/CLASS/*.png in sorted order (the sampler does the mixing)."""

    def __init__(self, root, part, transform, classes=None):
        base = os.path.join(root, part)
        self.classes = classes or sorted(e.name for e in os.scandir(base) if e.is_dir())
        self.items = []
        for k, c in enumerate(self.classes):
            for f in sorted(os.listdir(os.path.join(base, c))):
                self.items.append((os.path.join(base, c, f), k))
        self.transform = transform

    @property
    def labels(self):
        return [k for _, k in self.items]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, k = self.items[i]
        rgba = Image.open(path).convert("RGBA")
        img = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
        return self.transform(img), k


def build_transform(size, train):
    end = [T.ToTensor(), T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
    if train:
        return T.Compose([T.Resize(size + 24), T.RandomCrop(size, pad_if_needed=True, fill=255), T.RandomHorizontalFlip(), T.RandomRotation(10, fill=255)] + end)
    return T.Compose([T.Resize(size + 24), T.CenterCrop(size)] + end)
