# 動物6クラス分類: ローカルのViTをHF Trainerでファインチューニング
import numpy as np
import torch
from datasets import load_dataset
from transformers import (AutoImageProcessor, AutoModelForImageClassification, Trainer,
                          TrainingArguments, set_seed)
from torchvision.transforms import v2

MODEL_DIR = "weights/vit-small-128"
DATA_DIR = "animals_hf"

set_seed(123)
ds = load_dataset("imagefolder", data_dir=DATA_DIR)
labels = ds["train"].features["label"].names

processor = AutoImageProcessor.from_pretrained(MODEL_DIR)
size = (processor.size["height"], processor.size["width"])

# 学習時のみデータ拡張。正規化はprocessorの値を使う
train_tf = v2.Compose([
    v2.RandomResizedCrop(size, scale=(0.7, 1.0)),
    v2.RandomHorizontalFlip(),
    v2.ToImage(),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(processor.image_mean, processor.image_std),
])


def transform_train(batch):
    batch["pixel_values"] = [train_tf(im.convert("RGB")) for im in batch["image"]]
    del batch["image"]
    return batch


def transform_eval(batch):
    out = processor([im.convert("RGB") for im in batch["image"]], return_tensors="pt")
    return {"pixel_values": list(out["pixel_values"]), "label": batch["label"]}


train_ds = ds["train"].with_transform(transform_train)
eval_ds = ds["validation"].with_transform(transform_eval)
test_ds = ds["test"].with_transform(transform_eval)


def collate(examples):
    return {"pixel_values": torch.stack([e["pixel_values"] for e in examples]),
            "labels": torch.tensor([e["label"] for e in examples])}


def compute_metrics(p):
    pred = np.argmax(p.predictions, axis=1)
    return {"accuracy": float((pred == p.label_ids).mean())}


model = AutoModelForImageClassification.from_pretrained(
    MODEL_DIR,
    num_labels=len(labels),
    id2label=dict(enumerate(labels)),
    label2id={name: i for i, name in enumerate(labels)},
    ignore_mismatched_sizes=True,   # 分類ヘッドだけ作り直す
)

args = TrainingArguments(
    output_dir="vit_animals",
    num_train_epochs=20,
    per_device_train_batch_size=32,
    per_device_eval_batch_size=64,
    learning_rate=1e-4,
    weight_decay=0.05,
    warmup_steps=50,
    lr_scheduler_type="cosine",
    eval_strategy="epoch",
    save_strategy="epoch",
    save_total_limit=1,
    load_best_model_at_end=True,
    metric_for_best_model="accuracy",
    logging_steps=10,
    remove_unused_columns=False,    # "image"列はtransformで必要
    report_to="none",
    seed=123,
)

trainer = Trainer(model=model, args=args, train_dataset=train_ds, eval_dataset=eval_ds,
                  data_collator=collate, compute_metrics=compute_metrics)
trainer.train()
print(trainer.evaluate(test_ds, metric_key_prefix="test"))
