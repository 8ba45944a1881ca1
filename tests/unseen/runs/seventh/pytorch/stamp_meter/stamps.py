import pathlib
import random
import re
from optparse import OptionParser

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from trainer import Trainer


class Stamps(Dataset):
    """group-number.png with an alpha channel, on white paper"""

    def __init__(self, files, groups, transform):
        self.files, self.groups, self.transform = files, groups, transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        stamp = Image.open(self.files[i]).convert("RGBA")
        paper = Image.new("RGBA", stamp.size, "white")
        paper.alpha_composite(stamp)
        group = re.match(r"([a-z]+)-\d+", self.files[i].stem).group(1)
        return self.transform(paper.convert("RGB")), self.groups.index(group)


def network(n):
    def layer(i, o, k=3):
        return nn.Conv2d(i, o, k, padding=k // 2, bias=False), nn.BatchNorm2d(o), nn.LeakyReLU(0.1), nn.MaxPool2d(2)
    return nn.Sequential(*layer(3, 16, 5), *layer(16, 32), *layer(32, 64), *layer(64, 96),
                         nn.Flatten(), nn.Dropout(0.3), nn.Linear(96 * 9, n))


def main():
    parser = OptionParser()
    parser.add_option("-d", "--dir", default="stamps_flat")
    parser.add_option("-e", "--epochs", type="int", default=80)
    parser.add_option("-b", "--batch", type="int", default=24)
    opts, _ = parser.parse_args()
    torch.manual_seed(77)

    files = sorted(pathlib.Path(opts.dir).glob("*.png"))
    random.Random(77).shuffle(files)
    groups = sorted({f.stem.split("-")[0] for f in files})
    cut = len(files) // 4
    end = [transforms.ToTensor(), transforms.Lambda(lambda t: 1.0 - t)]
    val = Stamps(files[:cut], groups, transforms.Compose(end))
    train = Stamps(files[cut:], groups, transforms.Compose([
        transforms.RandomHorizontalFlip(), transforms.RandomRotation(8, fill=255),
        transforms.RandomCrop(48, padding=3, fill=255)] + end))

    model = network(len(groups))
    optimizer = torch.optim.RMSprop(model.parameters(), lr=3e-4, alpha=0.98, weight_decay=1e-4)
    trainer = Trainer(model, optimizer, nn.CrossEntropyLoss(), len(groups), opts.epochs)
    trainer.fit(DataLoader(train, opts.batch, shuffle=True, drop_last=True), DataLoader(val, 50))


if __name__ == "__main__":
    main()
