import argparse

import evaluate
import numpy as np
import torch
from datasets import load_dataset
from torchvision.transforms import (
    CenterCrop,
    Compose,
    Normalize,
    RandomHorizontalFlip,
    RandomResizedCrop,
    Resize,
    ToTensor,
)
from transformers import AutoModelForImageClassification, Trainer, TrainingArguments, set_seed

CKPT = "google/vit-base-patch16-224-in21k"
# preprocessor_config.json of the checkpoint
VIT_MEAN = [0.5, 0.5, 0.5]
VIT_STD = [0.5, 0.5, 0.5]
SIDE = 224

p = argparse.ArgumentParser()
p.add_argument("--birds", default="./birds", help="folder with train/ validation/ test/, one folder a species")
p.add_argument("--out", default="./vit-birds")
cli = p.parse_args()

set_seed(1337)

raw = load_dataset("imagefolder", data_dir=cli.birds)
names = raw["train"].features["label"].names
id2label = dict(enumerate(names))
label2id = {n: i for i, n in id2label.items()}

_train_tf = Compose([RandomResizedCrop(SIDE), RandomHorizontalFlip(), ToTensor(), Normalize(VIT_MEAN, VIT_STD)])
_eval_tf = Compose([Resize(SIDE), CenterCrop(SIDE), ToTensor()])  # fault: N208


def augment(batch):
    batch["pixel_values"] = [_train_tf(im.convert("RGB")) for im in batch["image"]]
    return batch


def prepare(batch):
    batch["pixel_values"] = [_eval_tf(im.convert("RGB")) for im in batch["image"]]
    return batch


train_ds = raw["train"].with_transform(augment)
val_ds = raw["validation"].with_transform(prepare)
test_ds = raw["test"].with_transform(prepare)


def collate(rows):
    return {
        "pixel_values": torch.stack([r["pixel_values"] for r in rows]),
        "labels": torch.tensor([r["label"] for r in rows]),
    }


acc = evaluate.load("accuracy")


def compute_metrics(ev):
    return acc.compute(predictions=np.argmax(ev.predictions, axis=1), references=ev.label_ids)


model = AutoModelForImageClassification.from_pretrained(
    CKPT, num_labels=len(names), id2label=id2label, label2id=label2id
)

args = TrainingArguments(
    output_dir=cli.out,
    remove_unused_columns=False,
    per_device_train_batch_size=32,
    per_device_eval_batch_size=64,
    learning_rate=5e-5,
    weight_decay=0.01,
    num_train_epochs=5,
    warmup_ratio=0.1,
    evaluation_strategy="epoch",
    save_strategy="epoch",
    save_total_limit=2,
    load_best_model_at_end=True,
    metric_for_best_model="accuracy",
    fp16=torch.cuda.is_available(),
    dataloader_num_workers=4,
    logging_steps=50,
    seed=1337,
    report_to="none",
)

trainer = Trainer(
    model=model,
    args=args,
    data_collator=collate,
    train_dataset=train_ds,
    eval_dataset=val_ds,
    compute_metrics=compute_metrics,
)
trainer.train()
print(trainer.evaluate(test_ds, metric_key_prefix="test"))
trainer.save_model()
