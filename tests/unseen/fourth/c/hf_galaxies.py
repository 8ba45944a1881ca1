import argparse

import evaluate
import numpy as np
import torch
from datasets import load_dataset
from torchvision.transforms import (
    CenterCrop,
    Compose,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomRotation,
    RandomVerticalFlip,
    Resize,
    ToTensor,
)
from transformers import (
    AutoImageProcessor,
    AutoModelForImageClassification,
    Trainer,
    TrainingArguments,
    set_seed,
)

CHECKPOINT = "google/vit-base-patch16-224-in21k"

parser = argparse.ArgumentParser()
parser.add_argument("--data_dir", type=str, default="galaxies")   # train/<type>/*.png, validation/<type>/*.png
parser.add_argument("--output_dir", type=str, default="vit-galaxies")
parser.add_argument("--lr", type=float, default=5e-5)
parser.add_argument("--batch_size", type=int, default=32)
parser.add_argument("--epochs", type=int, default=6)
args = parser.parse_args()
set_seed(7)

dataset = load_dataset("imagefolder", data_dir=args.data_dir)
names = dataset["train"].features["label"].names
id2label = {i: n for i, n in enumerate(names)}
label2id = {n: i for i, n in enumerate(names)}

processor = AutoImageProcessor.from_pretrained(CHECKPOINT)

train_pipeline = Compose([
    RandomResizedCrop(224, scale=(0.7, 1.0)),
    RandomHorizontalFlip(),
    RandomVerticalFlip(),
    RandomRotation(180),
    ToTensor(),
])
eval_pipeline = Compose([
    Resize(256),
    CenterCrop(224),
    ToTensor(),
])


def encode(images, pipeline):
    """Pictures of one batch -> what the network takes."""
    images = [pipeline(im.convert("RGB")) for im in images]
    out = processor(images, do_resize=False, return_tensors="pt")  # fault: N202
    return out["pixel_values"]


def on_train(batch):
    return {"pixel_values": encode(batch["image"], train_pipeline), "labels": batch["label"]}


def on_eval(batch):
    return {"pixel_values": encode(batch["image"], eval_pipeline), "labels": batch["label"]}


dataset["train"].set_transform(on_train)
dataset["validation"].set_transform(on_eval)


def collate(examples):
    return {
        "pixel_values": torch.stack([e["pixel_values"] for e in examples]),
        "labels": torch.tensor([e["labels"] for e in examples]),
    }


accuracy = evaluate.load("accuracy")


def compute_metrics(pred):
    return accuracy.compute(predictions=np.argmax(pred.predictions, axis=1), references=pred.label_ids)


model = AutoModelForImageClassification.from_pretrained(
    CHECKPOINT, num_labels=len(names), id2label=id2label, label2id=label2id
)

training_args = TrainingArguments(
    output_dir=args.output_dir,
    remove_unused_columns=False,
    per_device_train_batch_size=args.batch_size,
    per_device_eval_batch_size=64,
    learning_rate=args.lr,
    weight_decay=0.01,
    warmup_ratio=0.1,
    num_train_epochs=args.epochs,
    eval_strategy="epoch",
    save_strategy="epoch",
    save_total_limit=2,
    load_best_model_at_end=True,
    metric_for_best_model="accuracy",
    bf16=True,
    dataloader_num_workers=6,
    logging_steps=50,
    seed=7,
    report_to="none",
)

trainer = Trainer(
    model=model,
    args=training_args,
    train_dataset=dataset["train"],
    eval_dataset=dataset["validation"],
    data_collator=collate,
    compute_metrics=compute_metrics,
)
trainer.train()
trainer.save_model()
processor.save_pretrained(args.output_dir)
