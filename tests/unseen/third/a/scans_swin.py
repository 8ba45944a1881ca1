"""Document scans (16 kinds) with a small Swin. Settings are dataclasses, as in the
transformers examples; everything has a default."""
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import Optional

import numpy as np
import torch
from datasets import load_dataset
from sklearn.metrics import accuracy_score, f1_score
from torchvision.transforms import v2
from torchvision.transforms import InterpolationMode as IM
from transformers import (
    AutoImageProcessor,
    HfArgumentParser,
    SwinForImageClassification,
    Trainer,
    TrainingArguments,
    set_seed,
)

logger = logging.getLogger("scans")


@dataclass
class DataArgs:
    data_dir: str = field(default="scans", metadata={"help": "folder with train/, validation/ and test/"})
    max_rotation: float = 4.0
    workers: int = 8


@dataclass
class ModelArgs:
    name: str = "microsoft/swin-tiny-patch4-window7-224"
    num_labels: int = 16


@dataclass
class FitArgs:
    output_dir: str = "runs/scans"
    epochs: float = 10.0
    batch_size: int = 32
    lr: float = 5e-5
    weight_decay: float = 0.01
    warmup: float = 0.05
    seed: int = 404
    resume: Optional[str] = None


def pipelines(processor, max_rotation):
    side = processor.size["height"]
    big = round(side * 1.1)
    finish = [
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(processor.image_mean, processor.image_std),
    ]
    train = v2.Compose([
        v2.RandomRotation(max_rotation, interpolation=IM.BILINEAR, fill=255),
        v2.Resize((big, big), interpolation=IM.BICUBIC),
        v2.RandomCrop(side),
        v2.ColorJitter(brightness=0.2, contrast=0.2),
        *finish,
    ])
    # pages are never mirrored
    held_out = v2.Compose([v2.Resize((big, big), interpolation=IM.BICUBIC), v2.CenterCrop(side), *finish])
    return train, held_out


def apply(batch, transform):
    return {
        "pixel_values": [transform(page.convert("RGB")) for page in batch["image"]],
        "labels": batch["label"],
    }


def collate(rows):
    return {
        "pixel_values": torch.stack([r["pixel_values"] for r in rows]),
        "labels": torch.as_tensor([r["labels"] for r in rows]),
    }


def metrics(prediction):
    guess = np.argmax(prediction.predictions, axis=-1)
    return {
        "accuracy": accuracy_score(prediction.label_ids, guess),
        "macro_f1": f1_score(prediction.label_ids, guess, average="macro"),
    }


def main():
    data_args, model_args, fit_args = HfArgumentParser((DataArgs, ModelArgs, FitArgs)).parse_args_into_dataclasses()
    logging.basicConfig(level=logging.INFO)
    set_seed(fit_args.seed)

    scans = load_dataset("imagefolder", data_dir=data_args.data_dir)
    names = scans["train"].features["label"].names
    assert len(names) == model_args.num_labels, names
    assert scans["validation"].features["label"].names == names

    processor = AutoImageProcessor.from_pretrained(model_args.name)
    train_tf, held_out_tf = pipelines(processor, data_args.max_rotation)
    for part, tf in (("train", train_tf), ("validation", held_out_tf), ("test", held_out_tf)):
        scans[part].set_transform(partial(apply, transform=tf))
        logger.info("%s: %d pages", part, len(scans[part]))

    model = SwinForImageClassification.from_pretrained(
        model_args.name,
        num_labels=model_args.num_labels,
        id2label=dict(enumerate(names)),
        label2id={n: i for i, n in enumerate(names)},
        ignore_mismatched_sizes=True,
    )
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=fit_args.output_dir,
            num_train_epochs=fit_args.epochs,
            per_device_train_batch_size=fit_args.batch_size,
            per_device_eval_batch_size=2 * fit_args.batch_size,
            learning_rate=fit_args.lr,
            weight_decay=fit_args.weight_decay,
            lr_scheduler_type="cosine",
            warmup_ratio=fit_args.warmup,
            evaluation_strategy="epoch",
            save_strategy="epoch",
            save_total_limit=1,
            load_best_model_at_end=True,
            metric_for_best_model="macro_f1",
            greater_is_better=True,
            remove_unused_columns=False,
            dataloader_num_workers=data_args.workers,
            bf16=torch.cuda.is_available(),
            seed=fit_args.seed,
        ),
        data_collator=collate,
        train_dataset=scans["train"],
        eval_dataset=scans["validation"],
        compute_metrics=metrics,
    )
    trainer.train(resume_from_checkpoint=fit_args.resume)
    trainer.save_model()
    final = trainer.evaluate(scans["test"], metric_key_prefix="test")
    trainer.log_metrics("test", final)
    trainer.save_metrics("test", final)


if __name__ == "__main__":
    main()
