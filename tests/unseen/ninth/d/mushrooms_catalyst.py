# Mushroom genera (9) - Catalyst 22, albumentations, 5 folds in the table, one fold a run
#   FOLD=0 python mushrooms_catalyst.py
import os
from collections import OrderedDict

import albumentations as A
import cv2
import numpy as np
import pandas as pd
import torch
from albumentations.pytorch import ToTensorV2
from catalyst import dl, utils
from sklearn.model_selection import StratifiedKFold, train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset
from torchvision import models

cv2.setNumThreads(0)


class CFG:
    root = os.environ.get("MUSHROOMS", "./mushrooms")
    fold = int(os.environ.get("FOLD", 0))
    n_folds = 5
    size = 256
    batch_size = 40
    epochs = 25
    lr = 3e-4
    min_lr = 1e-6
    weight_decay = 1e-2
    seed = 2022
    workers = 8
    genera = ["Agaricus", "Amanita", "Boletus", "Cortinarius", "Entoloma",
              "Hygrocybe", "Lactarius", "Russula", "Suillus"]


MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

train_aug = A.Compose([
    A.SmallestMaxSize(int(CFG.size * 1.2)),
    A.RandomCrop(CFG.size, CFG.size),
    A.HorizontalFlip(p=0.5),
    A.ShiftScaleRotate(shift_limit=0.05, scale_limit=0.1, rotate_limit=20, p=0.5),
    A.RandomBrightnessContrast(p=0.5),
    A.Normalize(MEAN, STD),
    ToTensorV2(),
])
valid_aug = A.Compose([
    A.SmallestMaxSize(int(CFG.size * 1.2)),
    A.CenterCrop(CFG.size, CFG.size),
    A.Normalize(MEAN, STD),
    ToTensorV2(),
])


class Mushrooms(Dataset):
    def __init__(self, df, aug):
        self.paths = [os.path.join(CFG.root, "images", p) for p in df["image"]]
        self.labels = df["y"].to_numpy()
        self.aug = aug

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        img = cv2.imread(self.paths[i], cv2.IMREAD_COLOR)
        if img is None:
            raise FileNotFoundError(self.paths[i])
        img = cv2.cvtColor(img, cv2.COLOR_BGR2RGB)
        return self.aug(image=img)["image"], int(self.labels[i])


def read_splits():
    df = pd.read_csv(os.path.join(CFG.root, "labels.csv"))      # image, genus
    df["y"] = df["genus"].map({g: i for i, g in enumerate(CFG.genera)})
    assert df["y"].notna().all() and not df["image"].duplicated().any()
    df["y"] = df["y"].astype(int)

    # a tenth stays aside for the end, the same for all folds
    work, test = train_test_split(df, test_size=0.1, stratify=df["y"], random_state=CFG.seed)
    work = work.reset_index(drop=True)
    skf = StratifiedKFold(CFG.n_folds, shuffle=True, random_state=CFG.seed)
    work["fold"] = -1
    for f, (_, val) in enumerate(skf.split(work, work["y"])):
        work.loc[val, "fold"] = f
    return work[work["fold"] != CFG.fold], work[work["fold"] == CFG.fold], test


def make_loader(df, aug, train):
    return DataLoader(Mushrooms(df, aug), batch_size=CFG.batch_size, shuffle=train, drop_last=train,
                      num_workers=CFG.workers, pin_memory=True)


def make_model():
    net = models.densenet121(weights=models.DenseNet121_Weights.IMAGENET1K_V1)
    net.classifier = nn.Linear(net.classifier.in_features, len(CFG.genera))
    return net


if __name__ == "__main__":
    utils.set_global_seed(CFG.seed)
    train_df, valid_df, test_df = read_splits()
    print(len(train_df), len(valid_df), len(test_df))

    loaders = OrderedDict(
        train=make_loader(train_df, train_aug, True),
        valid=make_loader(valid_df, valid_aug, False),
    )
    test_loader = make_loader(test_df, valid_aug, False)

    # rare genera count more
    freq = np.bincount(train_df["y"], minlength=len(CFG.genera))
    weight = torch.tensor(freq.mean() / np.sqrt(freq * freq.mean()), dtype=torch.float32)

    model = make_model()
    criterion = nn.CrossEntropyLoss(weight=weight.to("cuda" if torch.cuda.is_available() else "cpu"))
    optimizer = optim.AdamW(model.parameters(), lr=CFG.lr, weight_decay=CFG.weight_decay)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=CFG.epochs, eta_min=CFG.min_lr)

    runner = dl.SupervisedRunner(
        input_key="features", output_key="logits", target_key="targets", loss_key="loss")
    runner.train(
        model=model,
        criterion=criterion,
        optimizer=optimizer,
        scheduler=scheduler,
        loaders=loaders,
        num_epochs=CFG.epochs,
        callbacks=[
            dl.AccuracyCallback(input_key="logits", target_key="targets", topk=(1, 3)),
            dl.PrecisionRecallF1SupportCallback(
                input_key="logits", target_key="targets", num_classes=len(CFG.genera)),
        ],
        logdir=f"logs/fold{CFG.fold}",
        valid_loader="valid",
        valid_metric="accuracy01",
        minimize_valid_metric=False,
        load_best_on_end=True,
        seed=CFG.seed,
        verbose=True,
    )

    metrics = runner.evaluate_loader(
        loader=test_loader,
        callbacks=[dl.AccuracyCallback(input_key="logits", target_key="targets", topk=(1, 3))],
    )
    print("test:", metrics)
