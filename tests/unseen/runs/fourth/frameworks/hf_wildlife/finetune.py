import logging
import sys
from dataclasses import dataclass, field

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
from transformers import EarlyStoppingCallback, HfArgumentParser, Trainer, TrainingArguments, set_seed

from modeling import load_moco, vit_t8_64

logger = logging.getLogger("finetune")


@dataclass
class ModelArguments:
    pretrained: str = field(default="pretrain/moco_vit_t8_64.pth.tar", metadata={"help": "checkpoint of the MoCo run"})
    image_size: int = field(default=64)


@dataclass
class DataArguments:
    data_dir: str = field(default="images", metadata={"help": "folder with train/ and validation/"})
    max_train_samples: int | None = field(default=None)
    max_eval_samples: int | None = field(default=None)
    cache_dir: str = field(default=".hf_cache")


def build_transforms(size):
    normalize = Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    train = Compose([RandomResizedCrop(size, scale=(0.5, 1.0)), RandomHorizontalFlip(), ToTensor(), normalize])
    val = Compose([Resize(size), CenterCrop(size), ToTensor(), normalize])
    return train, val


def collate_fn(examples):
    return {
        "pixel_values": torch.stack([e["pixel_values"] for e in examples]),
        "labels": torch.tensor([e["label"] for e in examples]),
    }


def compute_metrics(eval_pred):
    predictions = np.argmax(eval_pred.predictions, axis=1)
    correct = predictions == eval_pred.label_ids
    per_class = [correct[eval_pred.label_ids == c].mean() for c in np.unique(eval_pred.label_ids)]
    return {"accuracy": correct.mean().item(), "balanced_accuracy": float(np.mean(per_class))}


def main():
    parser = HfArgumentParser((ModelArguments, DataArguments, TrainingArguments))
    parser.set_defaults(
        output_dir="out_wildlife",
        num_train_epochs=50,
        per_device_train_batch_size=24,
        per_device_eval_batch_size=48,
        learning_rate=1e-4,
        weight_decay=0.05,
        lr_scheduler_type="cosine",
        warmup_steps=100,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        logging_steps=10,
        remove_unused_columns=False,
        report_to="none",
        seed=42,
    )
    model_args, data_args, training_args = parser.parse_args_into_dataclasses()

    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.INFO, stream=sys.stdout)
    set_seed(training_args.seed)

    dataset = load_dataset("imagefolder", data_dir=data_args.data_dir, cache_dir=data_args.cache_dir)
    labels = dataset["train"].features["label"].names
    assert labels == dataset["validation"].features["label"].names
    logger.info("%d classes: %s", len(labels), ", ".join(labels))

    train_tf, val_tf = build_transforms(model_args.image_size)

    def preprocess_train(batch):
        batch["pixel_values"] = [train_tf(image.convert("RGB")) for image in batch["image"]]
        return batch

    def preprocess_val(batch):
        batch["pixel_values"] = [val_tf(image.convert("RGB")) for image in batch["image"]]
        return batch

    train_ds, val_ds = dataset["train"], dataset["validation"]
    if data_args.max_train_samples:
        train_ds = train_ds.shuffle(seed=training_args.seed).select(range(data_args.max_train_samples))
    if data_args.max_eval_samples:
        val_ds = val_ds.shuffle(seed=training_args.seed).select(range(data_args.max_eval_samples))
    train_ds = train_ds.with_transform(preprocess_train)
    val_ds = val_ds.with_transform(preprocess_val)

    model = load_moco(vit_t8_64(labels), model_args.pretrained)

    trainer = Trainer(
        model=model,
        args=training_args,
        train_dataset=train_ds,
        eval_dataset=val_ds,
        data_collator=collate_fn,
        compute_metrics=compute_metrics,
        callbacks=[EarlyStoppingCallback(early_stopping_patience=10)],
    )
    result = trainer.train()
    trainer.save_model()
    trainer.log_metrics("train", result.metrics)
    trainer.save_state()

    metrics = trainer.evaluate()
    trainer.log_metrics("eval", metrics)
    trainer.save_metrics("eval", metrics)


if __name__ == "__main__":
    main()
