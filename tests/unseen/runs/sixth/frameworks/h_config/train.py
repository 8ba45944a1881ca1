"""Fine-tune our small ViT with Hugging Face's Trainer."""
import argparse

import numpy as np
import torch
from datasets import load_dataset
from torchvision.transforms import ColorJitter, Compose, Normalize, RandomHorizontalFlip, RandomResizedCrop, Resize, ToTensor
from transformers import (AutoConfig, AutoImageProcessor, AutoModelForImageClassification, Trainer,
                          TrainingArguments, set_seed)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", default="vit_mini")
    p.add_argument("--data", default="photos")
    p.add_argument("--epochs", type=float, default=30)
    p.add_argument("--lr", type=float, default=3e-4)
    a = p.parse_args()
    set_seed(12)

    data = load_dataset("imagefolder", data_dir=a.data, cache_dir="hf_cache")
    names = data["train"].features["label"].names
    processor = AutoImageProcessor.from_pretrained(a.model)
    size = (processor.size["height"], processor.size["width"])
    norm = [ToTensor(), Normalize(processor.image_mean, processor.image_std)]
    tf_train = Compose([RandomResizedCrop(size, scale=(0.7, 1.0)), RandomHorizontalFlip(), ColorJitter(0.1, 0.1), *norm])
    tf_eval = Compose([Resize(size), *norm])

    def with_tf(tf):
        def apply(batch):
            return {"pixel_values": [tf(im.convert("RGB")) for im in batch["image"]], "labels": batch["label"]}
        return apply

    train = data["train"].with_transform(with_tf(tf_train))
    held = data["validation"].with_transform(with_tf(tf_eval))

    config = AutoConfig.from_pretrained(
        a.model,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        label2id={n: i for i, n in enumerate(names)},
        hidden_dropout_prob=0.1,
    )
    model = AutoModelForImageClassification.from_config(config)

    def collate(rows):
        return {"pixel_values": torch.stack([r["pixel_values"] for r in rows]),
                "labels": torch.tensor([r["labels"] for r in rows])}

    def metrics(pred):
        return {"accuracy": float((np.argmax(pred.predictions, axis=1) == pred.label_ids).mean())}

    args = TrainingArguments(
        output_dir="out_vit",
        per_device_train_batch_size=32,
        per_device_eval_batch_size=64,
        num_train_epochs=a.epochs,
        learning_rate=a.lr,
        weight_decay=0.05,
        warmup_steps=50,
        lr_scheduler_type="cosine",
        eval_strategy="epoch",
        save_strategy="no",
        logging_steps=10,
        remove_unused_columns=False,
        report_to=[],
        use_cpu=True,
    )
    Trainer(model=model, args=args, train_dataset=train, eval_dataset=held, data_collator=collate,
            compute_metrics=metrics, processing_class=processor).train()


if __name__ == "__main__":
    main()
