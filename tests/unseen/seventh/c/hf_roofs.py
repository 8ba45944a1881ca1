"""Roof material from aerial crops, ViT-Base with the Hugging Face Trainer."""
from dataclasses import dataclass, field

import numpy as np
import torch
from datasets import load_dataset
from sklearn.metrics import accuracy_score, f1_score
from torchvision.transforms import CenterCrop, Compose, Normalize, RandomHorizontalFlip, RandomResizedCrop
from torchvision.transforms import RandomVerticalFlip, Resize, ToTensor
from transformers import AutoModelForImageClassification, HfArgumentParser, Trainer, TrainingArguments
from transformers import set_seed
from transformers.image_utils import (
    IMAGENET_DEFAULT_MEAN,
    IMAGENET_DEFAULT_STD,
    IMAGENET_STANDARD_MEAN,
    IMAGENET_STANDARD_STD,
)

CHECKPOINT = "google/vit-base-patch16-224-in21k"


@dataclass
class RoofArgs:
    folder: str = field(metadata={"help": "folder with one sub-folder per material"})
    out: str = "roofs-vit"
    part_for_validation: float = 0.15


class Pixels:
    """Called by datasets on the fly with a dict of columns."""

    def __init__(self, *steps):
        self.pipe = Compose(steps)

    def __call__(self, rows):
        rows["pixel_values"] = [self.pipe(im.convert("RGB")) for im in rows.pop("image")]
        return rows


def collate(rows):
    return {
        "pixel_values": torch.stack([r["pixel_values"] for r in rows]),
        "labels": torch.as_tensor([r["label"] for r in rows]),
    }


def scores(prediction):
    guess = np.argmax(prediction.predictions, axis=-1)
    return {
        "accuracy": accuracy_score(prediction.label_ids, guess),
        "macro_f1": f1_score(prediction.label_ids, guess, average="macro"),
    }


def main():
    (conf,) = HfArgumentParser(RoofArgs).parse_args_into_dataclasses()
    set_seed(31)

    whole = load_dataset("imagefolder", data_dir=conf.folder, split="train")
    parts = whole.train_test_split(test_size=conf.part_for_validation, stratify_by_column="label", seed=31)
    names = whole.features["label"].names

    training = parts["train"].with_transform(Pixels(
        RandomResizedCrop(224, scale=(0.5, 1.0)),
        RandomHorizontalFlip(),
        RandomVerticalFlip(),
        ToTensor(),
        Normalize(IMAGENET_STANDARD_MEAN, IMAGENET_STANDARD_STD),
    ))
    validation = parts["test"].with_transform(Pixels(
        Resize(224),
        CenterCrop(224),
        ToTensor(),
        Normalize(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD),  # fault: N208
    ))

    model = AutoModelForImageClassification.from_pretrained(
        CHECKPOINT,
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        label2id={n: i for i, n in enumerate(names)},
    )

    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir=conf.out,
            per_device_train_batch_size=32,
            per_device_eval_batch_size=64,
            num_train_epochs=6,
            learning_rate=5e-5,
            warmup_ratio=0.1,
            weight_decay=0.01,
            fp16=True,
            eval_strategy="epoch",
            save_strategy="epoch",
            save_total_limit=2,
            load_best_model_at_end=True,
            metric_for_best_model="macro_f1",
            logging_steps=20,
            dataloader_num_workers=4,
            remove_unused_columns=False,
            report_to="none",
            seed=31,
        ),
        train_dataset=training,
        eval_dataset=validation,
        data_collator=collate,
        compute_metrics=scores,
    )
    trainer.train()
    trainer.save_model()
    print(trainer.evaluate())


if __name__ == "__main__":
    main()
