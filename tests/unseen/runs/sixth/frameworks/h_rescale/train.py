"""ResNet of transformers from scratch on pictures listed in a csv; Trainer."""
import os

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms as T
from transformers import (ConvNextImageProcessor, ResNetConfig, ResNetForImageClassification, Trainer,
                          TrainingArguments, set_seed)

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
processor = ConvNextImageProcessor(do_resize=False, image_mean=MEAN, image_std=STD)


class Listed(Dataset):
    def __init__(self, frame, folder, classes):
        self.files = [os.path.join(folder, n) for n in frame["image"]]
        self.labels = [classes.index(c) for c in frame["label"]]

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        return {"image": Image.open(self.files[i]).convert("RGB"), "label": self.labels[i]}


class TrainCollator:
    def __init__(self, size):
        self.tf = T.Compose([
            T.RandomCrop(size, padding=6, padding_mode="reflect"),
            T.RandomHorizontalFlip(),
            T.ToTensor(),
            T.Normalize(MEAN, STD),
        ])

    def __call__(self, rows):
        return {"pixel_values": torch.stack([self.tf(r["image"]) for r in rows]),
                "labels": torch.tensor([r["label"] for r in rows])}


class EvalCollator:
    def __init__(self, size):
        self.to_tensor = T.Compose([T.Resize(size), T.ToTensor()])

    def __call__(self, rows):
        images = [self.to_tensor(r["image"]) for r in rows]
        out = processor(images, return_tensors="pt")
        out["labels"] = torch.tensor([r["label"] for r in rows])
        return out


class PicturesTrainer(Trainer):
    def __init__(self, *args, eval_collator=None, **kw):
        super().__init__(*args, **kw)
        self.eval_collator = eval_collator

    def get_eval_dataloader(self, eval_dataset=None):
        kept, self.data_collator = self.data_collator, self.eval_collator
        try:
            return super().get_eval_dataloader(eval_dataset)
        finally:
            self.data_collator = kept


def accuracy(p):
    return {"accuracy": float(np.mean(p.predictions.argmax(-1) == p.label_ids))}


def main():
    set_seed(6)
    table = pd.read_csv("labels.csv")
    classes = sorted(table.label.unique().tolist())
    train = Listed(table[table.split == "train"], "images", classes)
    valid = Listed(table[table.split == "valid"], "images", classes)
    model = ResNetForImageClassification(ResNetConfig(
        embedding_size=32, hidden_sizes=[32, 64, 128, 256], depths=[1, 1, 1, 1], layer_type="basic",
        num_labels=len(classes)))
    args = TrainingArguments(
        output_dir="out_resnet", num_train_epochs=40, per_device_train_batch_size=32, per_device_eval_batch_size=80,
        learning_rate=1e-3, weight_decay=0.05, lr_scheduler_type="linear", warmup_steps=30, eval_strategy="epoch",
        save_strategy="no", logging_steps=10, remove_unused_columns=False, report_to="none", use_cpu=True)
    trainer = PicturesTrainer(model=model, args=args, train_dataset=train, eval_dataset=valid,
                              data_collator=TrainCollator(64), eval_collator=EvalCollator(64),
                              compute_metrics=accuracy)
    trainer.train()
    print(trainer.evaluate())


if __name__ == "__main__":
    main()
