"""
Train a small ResNet from a config (no pretrained weights) on Fashion-MNIST with transformers.Trainer.
Usage: python train.py --npz fashion/fashion.npz --epochs 60
"""
import argparse

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import ResNetConfig, ResNetForImageClassification, Trainer, TrainingArguments


class Fashion(Dataset):
    MEAN, STD = 0.2860, 0.3530

    def __init__(self, images, labels, augment=False):
        self.images = images          # uint8, N x 28 x 28
        self.labels = labels
        self.augment = augment

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        img = torch.from_numpy(self.images[i].copy()).float().div_(255)
        img = torch.nn.functional.pad(img, (2, 2, 2, 2))       # 32 x 32
        if self.augment:
            if torch.rand(1) < 0.5:
                img = img.flip(-1)
            dy, dx = torch.randint(-2, 3, (2,)).tolist()
            img = img.roll((dy, dx), (0, 1))                    # the border is empty
        img = (img - self.MEAN) / self.STD
        img = torch.nn.functional.interpolate(img[None, None], size=96, mode="bilinear", align_corners=False)[0]
        return {"pixel_values": img, "labels": int(self.labels[i])}


def stratified_split(y, per_class, rng):
    held = np.concatenate([rng.permutation(np.flatnonzero(y == c))[:per_class] for c in range(10)])
    mask = np.zeros(len(y), bool)
    mask[held] = True
    return ~mask, mask


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--npz", default="fashion/fashion.npz")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--lr", type=float, default=0.05)
    a = ap.parse_args()

    z = np.load(a.npz)
    tr, va = stratified_split(z["y_train"], 50, np.random.default_rng(0))
    train = Fashion(z["x_train"][tr], z["y_train"][tr], augment=True)
    val = Fashion(z["x_train"][va], z["y_train"][va])
    test = Fashion(z["x_test"], z["y_test"])

    model = ResNetForImageClassification(ResNetConfig(
        num_channels=1, embedding_size=32, hidden_sizes=[32, 64, 128, 256], depths=[1, 1, 1, 1],
        layer_type="basic", num_labels=10))
    print(sum(p.numel() for p in model.parameters()), "parameters")

    steps = (len(train) // a.batch + 1) * a.epochs
    optimizer = torch.optim.SGD(model.parameters(), lr=a.lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=a.lr, total_steps=steps + 1, pct_start=0.2)

    args = TrainingArguments(
        "fashion_out", num_train_epochs=a.epochs, per_device_train_batch_size=a.batch, per_device_eval_batch_size=256,
        eval_strategy="epoch", save_strategy="epoch", save_total_limit=1, load_best_model_at_end=True,
        metric_for_best_model="accuracy", label_smoothing_factor=0.1, dataloader_num_workers=2,
        logging_strategy="epoch", report_to="none")
    trainer = Trainer(model=model, args=args, train_dataset=train, eval_dataset=val, optimizers=(optimizer, scheduler),
                      compute_metrics=lambda p: {"accuracy": (p.predictions.argmax(axis=1) == p.label_ids).mean().item()})
    trainer.train()
    print("test", trainer.evaluate(test))


if __name__ == "__main__":
    main()
