"""Train a compact vision transformer on a folder of pictures with the Hugging Face Trainer."""
import logging
import sys
from dataclasses import dataclass, field

import numpy as np
import torch
from datasets import load_dataset
from torchvision import transforms as T
from transformers import (
    HfArgumentParser,
    Trainer,
    TrainingArguments,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessor,
    set_seed,
)

logger = logging.getLogger("transport")


@dataclass
class DataArguments:
    data_dir: str = field(default="transport")
    image_size: int = field(default=64)
    max_train_samples: int = field(default=0)


@dataclass
class NetArguments:
    patch_size: int = field(default=8)
    hidden_size: int = field(default=192)
    layers: int = field(default=6)
    heads: int = field(default=4)
    dropout: float = field(default=0.1)


def build_transforms(processor, size):
    augment = T.Compose(
        [
            T.RandomResizedCrop(size, scale=(0.7, 1.0), ratio=(0.85, 1.18)),
            T.RandomHorizontalFlip(),
            T.ColorJitter(brightness=0.2, contrast=0.2),
            T.ToTensor(),
        ]
    )
    plain = T.Compose([T.Resize(size), T.CenterCrop(size), T.ToTensor()])

    def encode(batch, pipeline):
        pictures = [pipeline(image.convert("RGB")) for image in batch["image"]]
        encoded = processor(images=pictures, return_tensors="pt")
        encoded["labels"] = batch["label"]
        return encoded

    return lambda b: encode(b, augment), lambda b: encode(b, plain)


def collate(examples):
    return {
        "pixel_values": torch.stack([e["pixel_values"] for e in examples]),
        "labels": torch.tensor([e["labels"] for e in examples]),
    }


def compute_metrics(prediction):
    guess = np.argmax(prediction.predictions, axis=-1)
    truth = prediction.label_ids
    per_class = [float((guess[truth == c] == c).mean()) for c in np.unique(truth)]
    return {"accuracy": float((guess == truth).mean()), "balanced_accuracy": float(np.mean(per_class))}


def main():
    parser = HfArgumentParser((DataArguments, NetArguments, TrainingArguments))
    defaults = [
        "--output_dir", "runs/transport",
        "--per_device_train_batch_size", "32",
        "--per_device_eval_batch_size", "64",
        "--num_train_epochs", "40",
        "--learning_rate", "5e-4",
        "--weight_decay", "0.05",
        "--lr_scheduler_type", "cosine",
        "--warmup_steps", "60",
        "--eval_strategy", "epoch",
        "--save_strategy", "epoch",
        "--save_total_limit", "2",
        "--logging_steps", "10",
        "--report_to", "none",
        "--use_cpu", "true",
        "--dataloader_pin_memory", "false",
    ]
    data_args, net_args, args = parser.parse_args_into_dataclasses(defaults + sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")

    args.remove_unused_columns = False
    args.load_best_model_at_end = True
    args.metric_for_best_model = "accuracy"
    set_seed(args.seed)

    data = load_dataset("imagefolder", data_dir=data_args.data_dir)
    if data_args.max_train_samples:
        data["train"] = data["train"].shuffle(seed=args.seed).select(range(data_args.max_train_samples))
    names = data["train"].features["label"].names
    logger.info("%s pictures, classes %s", {k: len(v) for k, v in data.items()}, names)

    processor = ViTImageProcessor(
        size={"height": data_args.image_size, "width": data_args.image_size},
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )
    for_training, for_evaluation = build_transforms(processor, data_args.image_size)
    data["train"].set_transform(for_training)
    data["validation"].set_transform(for_evaluation)

    config = ViTConfig(
        image_size=data_args.image_size,
        patch_size=net_args.patch_size,
        hidden_size=net_args.hidden_size,
        intermediate_size=net_args.hidden_size * 3,
        num_hidden_layers=net_args.layers,
        num_attention_heads=net_args.heads,
        hidden_dropout_prob=net_args.dropout,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        label2id={n: i for i, n in enumerate(names)},
    )
    model = ViTForImageClassification(config)
    logger.info("%.2f million parameters", model.num_parameters() / 1e6)

    trainer = Trainer(
        model=model,
        args=args,
        train_dataset=data["train"],
        eval_dataset=data["validation"],
        data_collator=collate,
        compute_metrics=compute_metrics,
        processing_class=processor,
    )
    trainer.train()
    metrics = trainer.evaluate()
    trainer.log_metrics("eval", metrics)
    trainer.save_model()


if __name__ == "__main__":
    main()
