import glob
import os
import random

import numpy as np
import torch
from datasets import Dataset, Image
from torchvision import transforms as T
from transformers import (ResNetConfig, ResNetForImageClassification, Trainer, TrainingArguments,
                          ViTImageProcessor, set_seed)

SEED, SIZE, EPOCHS = 1234, 48, 40
set_seed(SEED)


def make_datasets(folder):
    paths = sorted(glob.glob(os.path.join(folder, "*.jpg")))
    random.Random(SEED).shuffle(paths)
    names = sorted({os.path.basename(p).rsplit("_", 1)[0] for p in paths})
    ds = Dataset.from_dict({
        "image": paths,
        "label": [names.index(os.path.basename(p).rsplit("_", 1)[0]) for p in paths],
    }).cast_column("image", Image())
    parts = ds.train_test_split(test_size=0.15, seed=SEED)
    return parts["train"], parts["test"], names


processor = ViTImageProcessor(size={"height": SIZE, "width": SIZE},
                              image_mean=[0.49, 0.48, 0.45], image_std=[0.25, 0.24, 0.26])

train_aug = T.Compose([
    T.RandomCrop(32, padding=4, padding_mode="reflect"),
    T.RandomHorizontalFlip(),
    T.Resize((SIZE, SIZE)),
    T.ToTensor(),
    T.Normalize(processor.image_mean, processor.image_std),
])
to_tensor = T.Compose([T.Resize((SIZE, SIZE)), T.ToTensor()])


def train_batch(examples):
    return {"pixel_values": [train_aug(im.convert("RGB")) for im in examples["image"]],
            "labels": examples["label"]}


def eval_batch(examples):
    images = [to_tensor(im.convert("RGB")) for im in examples["image"]]
    return {"pixel_values": list(processor(images, return_tensors="pt")["pixel_values"]),
            "labels": examples["label"]}


def collate(features):
    return {"pixel_values": torch.stack([f["pixel_values"] for f in features]),
            "labels": torch.tensor([f["labels"] for f in features])}


def metrics(p):
    return {"accuracy": (p.predictions.argmax(-1) == p.label_ids).mean().item()}


if __name__ == "__main__":
    train, test, names = make_datasets("coded")
    train, test = train.with_transform(train_batch), test.with_transform(eval_batch)
    config = ResNetConfig(embedding_size=32, hidden_sizes=[32, 64, 128], depths=[1, 1, 1], layer_type="basic",
                          num_labels=len(names), id2label={i: n for i, n in enumerate(names)},
                          label2id={n: i for i, n in enumerate(names)})
    model = ResNetForImageClassification(config)
    args = TrainingArguments(
        output_dir="out_coded", num_train_epochs=EPOCHS, per_device_train_batch_size=32,
        per_device_eval_batch_size=64, learning_rate=1e-3, weight_decay=0.01, warmup_steps=80,
        eval_strategy="epoch", save_strategy="epoch", save_total_limit=1, load_best_model_at_end=True,
        metric_for_best_model="accuracy", logging_steps=20, remove_unused_columns=False,
        report_to="none", use_cpu=True, seed=SEED)
    trainer = Trainer(model, args, data_collator=collate, train_dataset=train, eval_dataset=test,
                      compute_metrics=metrics, processing_class=processor)
    trainer.train()
