import os

from torch.utils.data import DataLoader
from torchvision import transforms as tt
from torchvision.datasets import ImageFolder


def get_loaders(c):
    norm = tt.Normalize(mean=c["mean"], std=c["std"])
    size = c["size"]
    pipelines = {
        "train": tt.Compose([tt.RandomResizedCrop(size), tt.RandomHorizontalFlip(), tt.ToTensor(), norm]),
        "valid": tt.Compose([tt.Resize(int(size / 0.875)), tt.CenterCrop(size), tt.ToTensor(), norm]),
    }
    folders = {"train": "train", "valid": "val"}
    return {
        key: DataLoader(
            ImageFolder(os.path.join(c["root"], folders[key]), transform=pipe),
            batch_size=c["batch_size"],
            shuffle=key == "train",
            drop_last=key == "train",
            num_workers=c["workers"],
            pin_memory=True,
        )
        for key, pipe in pipelines.items()
    }
