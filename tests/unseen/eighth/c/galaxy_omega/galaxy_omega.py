import logging
import sys

import h5py
import numpy as np
import torch
from catalyst import dl, utils
from omegaconf import OmegaConf
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T

from backbone import classifier_from_byol

OmegaConf.register_new_resolver("mul", lambda a, b: a * b)


class Galaxies(Dataset):
    """rows of the h5 file; pictures are uint8, 256 x 256 x 3"""

    def __init__(self, path, rows, transform):
        self.path, self.rows, self.transform = path, np.sort(rows), transform
        self._h5 = None
        with h5py.File(path, "r") as f:
            self.answers = f["ans"][:].astype("int64")

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        if self._h5 is None:  # opened in the worker
            self._h5 = h5py.File(self.path, "r")
        r = int(self.rows[i])
        return {"image": self.transform(self._h5["images"][r]), "answer": int(self.answers[r])}


def pipelines(c):
    close = [T.ToTensor(), T.Normalize(list(c.mean), list(c.std))]
    turn = [T.ToPILImage(), T.RandomRotation(180), T.CenterCrop(c.crop), T.RandomHorizontalFlip()]
    return T.Compose(turn + close), T.Compose([T.ToPILImage(), T.CenterCrop(c.crop)] + close)


def make_loaders(c):
    with h5py.File(c.paths.h5, "r") as f:
        ans = f["ans"][:]
    rest, test = train_test_split(np.arange(len(ans)), test_size=c.split.test, stratify=ans, random_state=c.seed)
    train, valid = train_test_split(rest, test_size=c.split.valid, stratify=ans[rest], random_state=c.seed)
    rich, bare = pipelines(c.image)
    kw = OmegaConf.to_container(c.loader)
    return {
        "train": DataLoader(Galaxies(c.paths.h5, train, rich), shuffle=True, drop_last=True, **kw),
        "valid": DataLoader(Galaxies(c.paths.h5, valid, bare), **kw),
    }, DataLoader(Galaxies(c.paths.h5, test, bare), **kw)


def main(overrides):
    logging.basicConfig(level=logging.INFO)
    c = OmegaConf.merge(OmegaConf.load("galaxy.yaml"), OmegaConf.from_dotlist(overrides))
    utils.set_global_seed(c.seed)

    loaders, test_loader = make_loaders(c)
    net = classifier_from_byol(c.model, c.paths.start)
    decay, plain = [], []
    for w in net.parameters():
        (decay if w.ndim > 1 else plain).append(w)
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": c.train.weight_decay}, {"params": plain, "weight_decay": 0.0}], lr=c.train.lr
    )
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, c.train.epochs, eta_min=c.train.min_lr)

    runner = dl.SupervisedRunner(input_key="image", output_key="logits", target_key="answer", loss_key="loss")
    runner.train(
        model=net,
        criterion=torch.nn.CrossEntropyLoss(),
        optimizer=optimizer,
        scheduler=scheduler,
        loaders=loaders,
        num_epochs=c.train.epochs,
        logdir=c.paths.logs,
        valid_loader="valid",
        valid_metric="accuracy01",
        minimize_valid_metric=False,
        load_best_on_end=True,
        verbose=True,
        callbacks=[dl.AccuracyCallback(input_key="logits", target_key="answer", num_classes=c.model.n_classes)],
    )
    print(
        runner.evaluate_loader(
            test_loader,
            callbacks=[dl.AccuracyCallback(input_key="logits", target_key="answer", num_classes=c.model.n_classes)],
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
