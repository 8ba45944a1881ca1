# Sound.
"""Fine-tune ViT on the bean leaves data with the Hugging Face Trainer."""
import numpy as np
import torch
from datasets import load_dataset
from sklearn.metrics import accuracy_score, f1_score
from torchvision.transforms import (CenterCrop, ColorJitter, Compose, Normalize, RandomHorizontalFlip,
                                    RandomResizedCrop, Resize, ToTensor)
from transformers import (AutoImageProcessor, AutoModelForImageClassification, EarlyStoppingCallback,
                          Trainer, TrainingArguments)

CKPT = "google/vit-base-patch16-224-in21k"

raw = load_dataset("AI-Lab-Makerere/beans")
names = raw["train"].features["labels"].names
id2label = dict(enumerate(names))
label2id = {v: k for k, v in id2label.items()}

processor = AutoImageProcessor.from_pretrained(CKPT)
side = processor.size["height"]
# this checkpoint was trained with .5/.5, not with the ImageNet statistics: ask the processor
norm = Normalize(mean=processor.image_mean, std=processor.image_std)

augment = Compose([RandomResizedCrop(side, scale=(0.6, 1.0)), RandomHorizontalFlip(),
                   ColorJitter(brightness=0.2, contrast=0.2), ToTensor(), norm])
plain = Compose([Resize(side), CenterCrop(side), ToTensor(), norm])


def on_train(rows):
    rows["pixel_values"] = [augment(im.convert("RGB")) for im in rows["image"]]
    return rows


def on_eval(rows):
    rows["pixel_values"] = [plain(im.convert("RGB")) for im in rows["image"]]
    return rows


train_ds = raw["train"].with_transform(on_train)
val_ds = raw["validation"].with_transform(on_eval)
test_ds = raw["test"].with_transform(on_eval)


def collate(items):
    return {"pixel_values": torch.stack([it["pixel_values"] for it in items]),
            "labels": torch.tensor([it["labels"] for it in items])}


def metrics(pred):
    guess = np.argmax(pred.predictions, axis=1)
    return {"accuracy": accuracy_score(pred.label_ids, guess),
            "f1": f1_score(pred.label_ids, guess, average="macro")}


model = AutoModelForImageClassification.from_pretrained(
    CKPT, num_labels=len(names), id2label=id2label, label2id=label2id)

args = TrainingArguments(
    output_dir="vit-beans",
    remove_unused_columns=False,     # the transform needs the "image" column
    per_device_train_batch_size=16,
    per_device_eval_batch_size=32,
    num_train_epochs=6,
    learning_rate=5e-5,
    weight_decay=0.01,
    lr_scheduler_type="cosine",
    warmup_ratio=0.1,
    eval_strategy="epoch",
    save_strategy="epoch",
    load_best_model_at_end=True,
    metric_for_best_model="accuracy",
    fp16=torch.cuda.is_available(),
    logging_steps=20,
    seed=1337,
    report_to="none",
)

trainer = Trainer(
    model=model,
    args=args,
    data_collator=collate,
    compute_metrics=metrics,
    train_dataset=train_ds,
    eval_dataset=val_ds,
    callbacks=[EarlyStoppingCallback(early_stopping_patience=3)],
)

if __name__ == "__main__":
    trainer.train()
    print(trainer.evaluate(test_ds, metric_key_prefix="test"))
    trainer.save_model("vit-beans/final")
    processor.save_pretrained("vit-beans/final")
