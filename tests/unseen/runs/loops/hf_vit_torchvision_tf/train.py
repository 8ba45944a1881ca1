# ViT fine-tuning
#   python train.py
import numpy as np
import torch
from datasets import load_dataset
from transformers import AutoImageProcessor, Trainer, TrainingArguments, ViTForImageClassification

from augment import eval_augment, train_augment

CHECKPOINT = "weights/vit-small-128"
SIZE = 128

dataset = load_dataset("imagefolder", data_dir="animals_hf")
labels = dataset["train"].features["label"].names
processor = AutoImageProcessor.from_pretrained(CHECKPOINT)

train_tf, eval_tf = train_augment(SIZE), eval_augment(SIZE)


def preprocess_train(examples):
    images = [train_tf(img.convert("RGB")) for img in examples["image"]]
    examples["pixel_values"] = processor(images, return_tensors="pt")["pixel_values"]
    return examples


def preprocess_eval(examples):
    images = [eval_tf(img.convert("RGB")) for img in examples["image"]]
    examples["pixel_values"] = processor(images, return_tensors="pt")["pixel_values"]
    return examples


train_ds = dataset["train"].with_transform(preprocess_train)
val_ds = dataset["validation"].with_transform(preprocess_eval)
test_ds = dataset["test"].with_transform(preprocess_eval)


def collate_fn(batch):
    return {"pixel_values": torch.stack([b["pixel_values"] for b in batch]),
            "labels": torch.tensor([b["label"] for b in batch])}


def compute_metrics(eval_pred):
    logits, y = eval_pred
    return {"accuracy": np.mean(np.argmax(logits, axis=-1) == y)}


model = ViTForImageClassification.from_pretrained(
    CHECKPOINT,
    num_labels=len(labels),
    id2label={i: l for i, l in enumerate(labels)},
    label2id={l: i for i, l in enumerate(labels)},
    ignore_mismatched_sizes=True,
)

args = TrainingArguments(
    output_dir="vit-animals",
    per_device_train_batch_size=32,
    per_device_eval_batch_size=64,
    num_train_epochs=20,
    learning_rate=1e-4,
    weight_decay=0.01,
    warmup_steps=45,
    lr_scheduler_type="cosine",
    eval_strategy="epoch",
    save_strategy="epoch",
    save_total_limit=2,
    load_best_model_at_end=True,
    metric_for_best_model="accuracy",
    logging_steps=10,
    remove_unused_columns=False,
    report_to="none",
)

trainer = Trainer(
    model=model,
    args=args,
    data_collator=collate_fn,
    compute_metrics=compute_metrics,
    train_dataset=train_ds,
    eval_dataset=val_ds,
    processing_class=processor,
)
trainer.train()
print(trainer.evaluate(test_ds))
