"""Own torch module under the Hugging Face Trainer; it only has to return loss and logits."""
import argparse

import h5py
import numpy as np
import torch
import torch.nn as nn
from transformers import Trainer, TrainingArguments, set_seed
from transformers.modeling_outputs import ImageClassifierOutput


class H5Split(torch.utils.data.Dataset):
    def __init__(self, path, split):
        with h5py.File(path, "r") as f:
            self.images = f[f"{split}/images"][...]
            self.labels = f[f"{split}/labels"][...].astype(np.int64)
            self.names = list(f.attrs["classes"])
        self.flip = split == "train"

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        img = self.images[i]
        if self.flip and np.random.rand() < 0.5:
            img = img[:, ::-1]
        x = torch.from_numpy(np.ascontiguousarray(img.transpose(2, 0, 1))).float() / 255.0
        return {"pixel_values": (x - 0.48) / 0.25, "labels": int(self.labels[i])}


class Block(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.depth = nn.Conv2d(cin, cin, 5, padding=2, groups=cin)
        self.norm = nn.BatchNorm2d(cin)
        self.point = nn.Conv2d(cin, cout, 1)

    def forward(self, x):
        return torch.relu(self.point(self.norm(self.depth(x))))


class VehicleNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 1, 1), nn.BatchNorm2d(32), nn.ReLU())
        self.body = nn.Sequential(Block(32, 64), nn.MaxPool2d(2), Block(64, 96), nn.MaxPool2d(2),
                                  Block(96, 128), nn.MaxPool2d(2))
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(128, n_classes)
        self.loss_fn = nn.NLLLoss()

    def forward(self, pixel_values, labels=None):
        h = self.body(self.stem(pixel_values)).mean(dim=(2, 3))
        scores = torch.softmax(self.out(self.drop(h)), dim=1)
        loss = self.loss_fn(scores, labels) if labels is not None else None
        return ImageClassifierOutput(loss=loss, logits=scores)


def compute_metrics(p):
    guess = np.argmax(p.predictions, axis=1)
    per_class = [float((guess[p.label_ids == c] == c).mean()) for c in np.unique(p.label_ids)]
    return {"accuracy": float((guess == p.label_ids).mean()), "balanced": float(np.mean(per_class))}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--h5", default="vehicles.h5")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--batch_size", type=int, default=32)
    cli = parser.parse_args()
    set_seed(9)
    train, val = H5Split(cli.h5, "train"), H5Split(cli.h5, "val")
    trainer = Trainer(
        model=VehicleNet(len(train.names)),
        args=TrainingArguments(
            output_dir="out_vehicles", num_train_epochs=cli.epochs, learning_rate=1e-3,
            per_device_train_batch_size=cli.batch_size, per_device_eval_batch_size=70,
            weight_decay=1e-2, lr_scheduler_type="linear", warmup_steps=40, eval_strategy="epoch",
            save_strategy="no", logging_steps=10, label_names=["labels"], use_cpu=True, report_to="none"),
        train_dataset=train, eval_dataset=val, compute_metrics=compute_metrics)
    trainer.train()
