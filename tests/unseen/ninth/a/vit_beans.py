"""ViT on the bean leaf data with the Trainer of transformers (4.40)."""
import argparse

import evaluate
import numpy as np
import torch
from datasets import load_dataset
from torchvision.transforms import (
    CenterCrop,
    ColorJitter,
    Compose,
    RandomHorizontalFlip,
    RandomResizedCrop,
    Resize,
    ToTensor,
)
from transformers import (
    EarlyStoppingCallback,
    Trainer,
    TrainingArguments,
    ViTForImageClassification,
    ViTImageProcessor,
    set_seed,
)

CHECKPOINT = "google/vit-base-patch16-224-in21k"

parser = argparse.ArgumentParser()
parser.add_argument("--output", default="out/vit-beans")
parser.add_argument("--epochs", type=float, default=8)
parser.add_argument("--lr", type=float, default=5e-5)
parser.add_argument("--bs", type=int, default=16)
parser.add_argument("--seed", type=int, default=123)
args = parser.parse_args()
set_seed(args.seed)

# ---- data -----------------------------------------------------------------------------
ds = load_dataset("AI-Lab-Makerere/beans")
names = ds["train"].features["labels"].names        # angular_leaf_spot, bean_rust, healthy
processor = ViTImageProcessor.from_pretrained(CHECKPOINT)
side = processor.size["height"]

augment = Compose([
    RandomResizedCrop(side, scale=(0.5, 1.0)),
    RandomHorizontalFlip(),
    ColorJitter(brightness=0.2, contrast=0.2),
    ToTensor(),
])
centre = Compose([Resize(side), CenterCrop(side), ToTensor()])


def encode(pictures):
    # cutting to size has happened already, the processor applies mean and std
    return processor(pictures, do_resize=False, return_tensors="pt")["pixel_values"]  # fault: N202


def train_transforms(batch):
    pictures = [augment(p.convert("RGB")) for p in batch["image"]]
    return {"pixel_values": encode(pictures), "labels": batch["labels"]}


def eval_transforms(batch):
    pictures = [centre(p.convert("RGB")) for p in batch["image"]]
    return {"pixel_values": encode(pictures), "labels": batch["labels"]}


ds["train"].set_transform(train_transforms)
ds["validation"].set_transform(eval_transforms)
ds["test"].set_transform(eval_transforms)


def collate(rows):
    return {
        "pixel_values": torch.stack([r["pixel_values"] for r in rows]),
        "labels": torch.tensor([r["labels"] for r in rows]),
    }


# ---- model ----------------------------------------------------------------------------
model = ViTForImageClassification.from_pretrained(
    CHECKPOINT,
    num_labels=len(names),
    id2label=dict(enumerate(names)),
    label2id={n: i for i, n in enumerate(names)},
)

accuracy = evaluate.load("accuracy")


def compute_metrics(pred):
    return accuracy.compute(predictions=np.argmax(pred.predictions, axis=1), references=pred.label_ids)


# ---- training -------------------------------------------------------------------------
trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir=args.output,
        per_device_train_batch_size=args.bs,
        per_device_eval_batch_size=64,
        num_train_epochs=args.epochs,
        learning_rate=args.lr,
        warmup_ratio=0.1,
        lr_scheduler_type="cosine",
        evaluation_strategy="epoch",
        save_strategy="epoch",
        logging_steps=20,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        dataloader_num_workers=4,
        remove_unused_columns=False,
        fp16=torch.cuda.is_available(),
        seed=args.seed,
        report_to="none",
    ),
    data_collator=collate,
    train_dataset=ds["train"],
    eval_dataset=ds["validation"],
    compute_metrics=compute_metrics,
    callbacks=[EarlyStoppingCallback(early_stopping_patience=4)],
)

result = trainer.train()
trainer.log_metrics("train", result.metrics)
trainer.log_metrics("test", trainer.evaluate(ds["test"], metric_key_prefix="test"))
trainer.save_model()
processor.save_pretrained(args.output)
