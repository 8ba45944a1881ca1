import glob
import os

from PIL import Image
from torch.utils.data import Dataset


class Spectrograms(Dataset):
    """文件名形如 wave_0012.png，下划线前是类别名"""

    def __init__(self, root_dir, transform):
        self.root_dir = root_dir
        self.transform = transform
        self.data_list = glob.glob(os.path.join(root_dir, "*.png"))
        self.category = {}
        for path in self.data_list:
            self.category.setdefault(self._name(path), len(self.category))

    @staticmethod
    def _name(path):
        return os.path.basename(path).rsplit("_", 1)[0]

    def __len__(self):
        return len(self.data_list)

    def __getitem__(self, idx):
        path = self.data_list[idx]
        image = Image.open(path).convert("L")
        return self.transform(image), self.category[self._name(path)]
