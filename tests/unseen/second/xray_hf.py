# Sound.
"""Chest X-rays with the Hugging Face Trainer."""
import numpy as np
import torch
from datasets import load_dataset
from sklearn.metrics import balanced_accuracy_score
from torchvision import transforms as tt
from transformers import (
    AutoImageProcessor,
    AutoModelForImageClassification,
    EarlyStoppingCallback,
    Trainer,
    TrainingArguments,
)

CHECKPOINT = "google/vit-base-patch16-224-in21k"
SIDE = 224

raw = load_dataset("imagefolder", data_dir="cxr")  # cxr/train/<class>, cxr/validation/<class>
names = raw["train"].features["label"].names

processor = AutoImageProcessor.from_pretrained(CHECKPOINT)
finish = [tt.ToTensor(), tt.Normalize(processor.image_mean, processor.image_std)]

# left and right lungs are not interchangeable, so no mirror images
jitter = tt.Compose([
    tt.Resize((SIDE, SIDE)),
    tt.RandomAffine(degrees=7, translate=(0.05, 0.05)),
    tt.ColorJitter(brightness=0.15, contrast=0.15),
    *finish,
])
still = tt.Compose([tt.Resize((SIDE, SIDE)), *finish])


def apply_to(column, tf):
    return [tf(im.convert("RGB")) for im in column]


def on_train(batch):
    return {"pixel_values": apply_to(batch["image"], jitter), "label": batch["label"]}


def on_val(batch):
    return {"pixel_values": apply_to(batch["image"], still), "label": batch["label"]}


def collate(rows):
    return {
        "pixel_values": torch.stack([r["pixel_values"] for r in rows]),
        "labels": torch.tensor([r["label"] for r in rows]),
    }


def metrics(pred):
    guess = np.argmax(pred.predictions, axis=1)
    return {
        "accuracy": float((guess == pred.label_ids).mean()),
        "balanced": balanced_accuracy_score(pred.label_ids, guess),
    }


args = TrainingArguments(
    output_dir="cxr-vit",
    per_device_train_batch_size=32,
    per_device_eval_batch_size=64,
    num_train_epochs=8,
    learning_rate=5e-5,
    weight_decay=0.01,
    warmup_ratio=0.1,
    lr_scheduler_type="cosine",
    eval_strategy="epoch",
    save_strategy="epoch",
    load_best_model_at_end=True,
    metric_for_best_model="balanced",
    greater_is_better=True,
    remove_unused_columns=False,
    fp16=torch.cuda.is_available(),
    seed=13,
    report_to="none",
)

model = AutoModelForImageClassification.from_pretrained(
    CHECKPOINT,
    num_labels=len(names),
    id2label=dict(enumerate(names)),
    label2id={n: i for i, n in enumerate(names)},
)

trainer = Trainer(
    model=model,
    args=args,
    train_dataset=raw["train"].with_transform(on_train),
    eval_dataset=raw["validation"].with_transform(on_val),
    data_collator=collate,
    compute_metrics=metrics,
    callbacks=[EarlyStoppingCallback(early_stopping_patience=3)],
)

if __name__ == "__main__":
    trainer.train()
    print(trainer.evaluate())
    trainer.save_model("cxr-vit/best")
