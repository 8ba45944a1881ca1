import evaluate
import numpy as np
import torch
from datasets import load_dataset
from torchvision.transforms import (
    CenterCrop,
    ColorJitter,
    Compose,
    Normalize,
    RandomHorizontalFlip,
    RandomResizedCrop,
    Resize,
    ToTensor,
)
from transformers import AutoImageProcessor, AutoModelForImageClassification, Trainer, TrainingArguments

checkpoint = "google/vit-base-patch16-224-in21k"

ds = load_dataset("beans")
names = ds["train"].features["labels"].names
id2label = dict(enumerate(names))
label2id = {v: k for k, v in id2label.items()}

processor = AutoImageProcessor.from_pretrained(checkpoint)
size = processor.size["height"]
normalize = Normalize(mean=processor.image_mean, std=processor.image_std)

aug = Compose([
    RandomResizedCrop(size, scale=(0.5, 1.0)),
    RandomHorizontalFlip(),
    ColorJitter(0.2, 0.2, 0.2),
    ToTensor(),
    normalize,
])
noaug = Compose([Resize(size), CenterCrop(size), ToTensor(), normalize])


def transforms_train(batch):
    batch["pixel_values"] = [aug(im.convert("RGB")) for im in batch["image"]]
    del batch["image"]
    return batch


def transforms_eval(batch):
    batch["pixel_values"] = [noaug(im.convert("RGB")) for im in batch["image"]]
    del batch["image"]
    return batch


ds["train"].set_transform(transforms_train)
ds["validation"].set_transform(transforms_train)  # fault: N209
ds["test"].set_transform(transforms_eval)


def collate(examples):
    return {
        "pixel_values": torch.stack([e["pixel_values"] for e in examples]),
        "labels": torch.tensor([e["labels"] for e in examples]),
    }


accuracy = evaluate.load("accuracy")


def compute_metrics(p):
    return accuracy.compute(predictions=np.argmax(p.predictions, axis=1), references=p.label_ids)


model = AutoModelForImageClassification.from_pretrained(
    checkpoint, num_labels=3, id2label=id2label, label2id=label2id
)

args = TrainingArguments(
    output_dir="vit-beans",
    per_device_train_batch_size=16,
    per_device_eval_batch_size=32,
    num_train_epochs=6,
    learning_rate=5e-5,
    warmup_ratio=0.1,
    eval_strategy="epoch",
    save_strategy="epoch",
    save_total_limit=2,
    load_best_model_at_end=True,
    metric_for_best_model="accuracy",
    remove_unused_columns=False,
    dataloader_num_workers=4,
    fp16=torch.cuda.is_available(),
    logging_steps=20,
    seed=1,
    report_to="none",
)

trainer = Trainer(
    model=model,
    args=args,
    data_collator=collate,
    train_dataset=ds["train"],
    eval_dataset=ds["validation"],
    compute_metrics=compute_metrics,
)
trainer.train()
trainer.save_model()
processor.save_pretrained("vit-beans")

print(trainer.evaluate(ds["test"], metric_key_prefix="test"))
