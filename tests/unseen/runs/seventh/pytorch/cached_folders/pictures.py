import os

from PIL import Image
from torchvision.datasets import ImageFolder


class CachedOpen:
    """Decodes each file once; the disk of the lab machine is slow."""

    def __init__(self, size):
        self.size = size
        self.store = {}

    def __call__(self, path):
        name = os.path.basename(path)
        if name not in self.store:
            with Image.open(path) as im:
                im = im.convert("RGB")
                if im.size != (self.size, self.size):
                    im = im.resize((self.size, self.size), Image.BILINEAR)
                self.store[name] = im
        return self.store[name].copy()


def folder(root, part, transform, size=40):
    return ImageFolder(os.path.join(root, part), transform=transform, loader=CachedOpen(size))
