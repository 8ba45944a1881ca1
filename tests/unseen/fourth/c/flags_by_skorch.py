# flags of 12 countries from street photos, small net, skorch
import os
from glob import glob

import numpy as np
import torch
from PIL import Image
from skorch import NeuralNetClassifier
from skorch.callbacks import Checkpoint, EpochScoring, LRScheduler
from skorch.dataset import Dataset
from skorch.helper import predefined_split
from torch import nn
from torch.optim.lr_scheduler import StepLR

COUNTRIES = ["ar", "br", "ca", "cl", "de", "es", "fr", "it", "jp", "mx", "pt", "us"]
DIR = "flags"
SIDE = 64

torch.manual_seed(5)
np.random.seed(5)


def read_all():
    pics, labels = [], []
    for number, country in enumerate(COUNTRIES):
        for file in sorted(glob(os.path.join(DIR, country, "*.jpg"))):
            img = Image.open(file).convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)
            pics.append(np.asarray(img, dtype=np.uint8))
            labels.append(number)
    X = np.stack(pics).astype(np.float32) / 127.5 - 1.0
    return X.transpose(0, 3, 1, 2), np.array(labels, dtype=np.int64)


class FlagNet(nn.Module):
    def __init__(self, width=32, dropout=0.25):
        super().__init__()
        layers, c = [], 3
        for out in (width, 2 * width, 4 * width, 4 * width):
            layers += [nn.Conv2d(c, out, 3, padding=1, bias=False), nn.BatchNorm2d(out),
                       nn.ReLU(), nn.MaxPool2d(2)]
            c = out
        self.conv = nn.Sequential(*layers)
        self.out = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout),
                                 nn.Linear(c, len(COUNTRIES)))

    def forward(self, X):
        return self.out(self.conv(X))


X, y = read_all()
print(X.shape, np.bincount(y))

# one fifth is held back
order = np.random.permutation(len(X))
X, y = X[order], y[order]
cut = int(len(X) * 0.8)
X_train, X_valid = X[:cut], X[cut:]
y_train, y_valid = y[:cut], y[cut:]

net = NeuralNetClassifier(
    FlagNet,
    criterion=nn.CrossEntropyLoss,
    optimizer=torch.optim.Adam,
    lr=1e-3,
    batch_size=64,
    max_epochs=30,
    iterator_train__shuffle=True,
    iterator_train__num_workers=2,
    train_split=predefined_split(Dataset(X_valid, y_valid)),
    callbacks=[
        ("lr", LRScheduler(policy=StepLR, step_size=10, gamma=0.3)),
        ("train_acc", EpochScoring("accuracy", name="train_acc", on_train=True,
                                   lower_is_better=False)),
        ("best", Checkpoint(monitor="valid_acc_best", dirname="flag_ckpt")),
    ],
    device="cuda" if torch.cuda.is_available() else "cpu",
)

if __name__ == "__main__":
    net.fit(X_train, y_train)
