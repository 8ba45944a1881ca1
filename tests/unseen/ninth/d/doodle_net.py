"""Quick, Draw! doodles with skorch, ten categories.

The 28x28 bitmaps come as one .npy per category, see
https://console.cloud.google.com/storage/browser/quickdraw_dataset
"""
import argparse
import pickle
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, confusion_matrix
from skorch import NeuralNetClassifier
from skorch.callbacks import LRScheduler, ProgressBar
from skorch.dataset import ValidSplit
from torch.optim.lr_scheduler import ReduceLROnPlateau

CATEGORIES = ("airplane", "banana", "cat", "clock", "fish",
              "house", "octopus", "scissors", "tree", "umbrella")
N_TRAIN, N_TEST = 12000, 2000


def load(folder):
    xs, ys, xt, yt = [], [], [], []
    for label, cat in enumerate(CATEGORIES):
        bitmaps = np.load(folder / f"full_numpy_bitmap_{cat}.npy", mmap_mode="r")
        xs.append(np.array(bitmaps[:N_TRAIN]))
        xt.append(np.array(bitmaps[N_TRAIN:N_TRAIN + N_TEST]))
        ys.append(np.full(N_TRAIN, label))
        yt.append(np.full(N_TEST, label))

    def to_x(parts):
        x = np.concatenate(parts).astype(np.float32) / 255.0
        return x.reshape(-1, 1, 28, 28)

    def to_y(parts):
        return np.concatenate(parts).astype(np.int64)

    return to_x(xs), to_y(ys), to_x(xt), to_y(yt)


class DoodleNet(nn.Module):
    """predict_proba needs probabilities, so the network ends in a softmax."""

    def __init__(self, width=32, n_out=len(CATEGORIES), dropout=0.4):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width * 2, 3, padding=1)
        self.conv3 = nn.Conv2d(width * 2, width * 4, 3, padding=1)
        self.fc1 = nn.Linear(width * 4 * 3 * 3, 256)
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(256, n_out)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)   # 14
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)   # 7
        x = F.max_pool2d(F.relu(self.conv3(x)), 2)   # 3
        x = self.dropout(F.relu(self.fc1(x.flatten(1))))
        return F.softmax(self.fc2(x), dim=-1)


def make_net(args):
    return NeuralNetClassifier(
        DoodleNet,
        # skorch takes the logarithm itself before NLLLoss
        criterion=nn.NLLLoss,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=1e-3,
        lr=args.lr,
        max_epochs=args.epochs,
        batch_size=args.batch,
        iterator_train__shuffle=True,
        iterator_train__num_workers=2,
        train_split=ValidSplit(cv=6, stratified=True),
        callbacks=[
            ("lr", LRScheduler(policy=ReduceLROnPlateau, monitor="valid_loss", factor=0.3, patience=2)),
            ("bar", ProgressBar()),
        ],
        device="cuda" if torch.cuda.is_available() else "cpu",
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder", type=Path)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--batch", type=int, default=256)
    p.add_argument("--epochs", type=int, default=25)
    args = p.parse_args()

    torch.manual_seed(0)
    x, y, x_test, y_test = load(args.folder)
    net = make_net(args).fit(x, y)

    pred = net.predict(x_test)
    print("test accuracy: %.4f" % accuracy_score(y_test, pred))
    print(confusion_matrix(y_test, pred))
    with open("doodle_net.pkl", "wb") as f:
        pickle.dump(net, f)


if __name__ == "__main__":
    main()
