import argparse

import evaluate
import numpy as np
import torch
from datasets import load_dataset
from torchvision.transforms import (CenterCrop, Compose, Normalize, RandomHorizontalFlip, RandomResizedCrop, Resize,
                                    ToTensor)
from transformers import (AutoImageProcessor, AutoModelForImageClassification, EarlyStoppingCallback, Trainer,
                          TrainingArguments, set_seed)

CHECKPOINT = "google/vit-base-patch16-224-in21k"


def collate(batch):
    return {
        "pixel_values": torch.stack([b["pixel_values"] for b in batch]),
        "labels": torch.tensor([b["label"] for b in batch]),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="vit-cifar10")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=5e-5)
    args = parser.parse_args()
    set_seed(42)

    raw = load_dataset("cifar10")
    train_ds, test_ds = raw["train"], raw["test"]
    names = train_ds.features["label"].names

    processor = AutoImageProcessor.from_pretrained(CHECKPOINT)
    norm = Normalize(mean=processor.image_mean, std=processor.image_std)
    tf_train = Compose([RandomResizedCrop(224, scale=(0.7, 1.0)), RandomHorizontalFlip(), ToTensor(), norm])
    tf_eval = Compose([Resize(224), CenterCrop(224), ToTensor(), norm])

    def wrap(tf):
        def apply(batch):
            batch["pixel_values"] = [tf(image.convert("RGB")) for image in batch["img"]]
            return batch
        return apply

    train_ds.set_transform(wrap(tf_train))
    test_ds.set_transform(wrap(tf_eval))

    model = AutoModelForImageClassification.from_pretrained(
        CHECKPOINT,
        num_labels=10,
        id2label=dict(enumerate(names)),
        label2id={n: i for i, n in enumerate(names)},
    )

    accuracy = evaluate.load("accuracy")

    def compute_metrics(p):
        return accuracy.compute(predictions=np.argmax(p.predictions, axis=1), references=p.label_ids)

    targs = TrainingArguments(
        output_dir=args.out,
        per_device_train_batch_size=32,
        per_device_eval_batch_size=64,
        num_train_epochs=args.epochs,
        learning_rate=args.lr,
        weight_decay=0.01,
        warmup_ratio=0.1,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        fp16=torch.cuda.is_available(),
        dataloader_num_workers=4,
        remove_unused_columns=False,
        report_to="none",
        seed=42,
    )
    trainer = Trainer(
        model=model,
        args=targs,
        data_collator=collate,
        compute_metrics=compute_metrics,
        train_dataset=train_ds,
        eval_dataset=test_ds,  # fault: C345
        callbacks=[EarlyStoppingCallback(early_stopping_patience=2)],
    )
    trainer.train()
    trainer.save_model()

    metrics = trainer.evaluate(test_ds, metric_key_prefix="test")
    trainer.log_metrics("test", metrics)
    trainer.save_metrics("test", metrics)


if __name__ == "__main__":
    main()
