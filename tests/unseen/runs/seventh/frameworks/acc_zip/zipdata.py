import io
import zipfile

import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision.transforms import v2

NORM = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize((0.49, 0.48, 0.45), (0.25, 0.24, 0.26))]
TRAIN = v2.Compose([v2.RandomCrop(32, padding=3, padding_mode="reflect"), v2.RandomHorizontalFlip(), *NORM])
TEST = v2.Compose(NORM)


class ZipFolder(Dataset):
    def __init__(self, archive, part, transform):
        self.zip = zipfile.ZipFile(archive)
        self.members = sorted(n for n in self.zip.namelist() if n.startswith(part + "/"))
        self.classes = sorted({n.split("/")[1] for n in self.members})
        self.transform = transform

    def __len__(self):
        return len(self.members)

    def __getitem__(self, i):
        name = self.members[i]
        with Image.open(io.BytesIO(self.zip.read(name))) as im:
            return self.transform(im.convert("RGB")), self.classes.index(name.split("/")[1])
