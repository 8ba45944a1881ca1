# -*- coding: utf-8 -*-
"""Bohnenblätter (gesund / zwei Krankheiten) mit Swin-T und dem Trainer von Hugging Face."""
from dataclasses import dataclass, field

import numpy as np
import torchvision.transforms as tvt
from datasets import load_dataset
from transformers import (
    AutoImageProcessor,
    DefaultDataCollator,
    EarlyStoppingCallback,
    HfArgumentParser,
    SwinForImageClassification,
    Trainer,
    TrainingArguments,
    set_seed,
)


@dataclass
class Einstellungen:
    checkpoint: str = field(default="microsoft/swin-tiny-patch4-window7-224")
    ausgabe: str = field(default="swin-bohnen")
    epochen: int = field(default=8)
    lernrate: float = field(default=5e-5)
    batch: int = field(default=32)
    zufall: int = field(default=2022)


def genauigkeit(eval_pred):
    logits, wahr = eval_pred
    return {"accuracy": float((np.argmax(logits, -1) == wahr).mean())}


def baue_transformationen(proc):
    seite = (proc.size["height"], proc.size["width"])
    schluss = [tvt.ToTensor(), tvt.Normalize(mean=proc.image_mean, std=proc.image_std)]
    lernen = tvt.Compose([tvt.RandomResizedCrop(seite, scale=(0.5, 1.0)), tvt.RandomHorizontalFlip(), tvt.RandomVerticalFlip()] + schluss)
    pruefen = tvt.Compose([tvt.Resize(seite)] + schluss)

    def wende_an(tf):
        def fn(zeilen):
            return {
                "pixel_values": [tf(bild.convert("RGB")) for bild in zeilen["image"]],
                "labels": zeilen["labels"],
            }

        return fn

    return wende_an(lernen), wende_an(pruefen)


def main():
    (e,) = HfArgumentParser(Einstellungen).parse_args_into_dataclasses()
    set_seed(e.zufall)

    daten = load_dataset("beans")
    klassen = daten["train"].features["labels"].names
    proc = AutoImageProcessor.from_pretrained(e.checkpoint)
    f_lernen, f_pruefen = baue_transformationen(proc)
    daten["train"].set_transform(f_lernen)
    daten["validation"].set_transform(f_pruefen)
    daten["test"].set_transform(f_pruefen)

    # der Kopf hat 1000 Ausgänge und wird hier ersetzt
    netz = SwinForImageClassification.from_pretrained(
        e.checkpoint,
        id2label={i: k for i, k in enumerate(klassen)},
        label2id={k: i for i, k in enumerate(klassen)},
        ignore_mismatched_sizes=True,
    )

    trainer = Trainer(
        model=netz,
        args=TrainingArguments(
            e.ausgabe,
            num_train_epochs=e.epochen,
            learning_rate=e.lernrate,
            lr_scheduler_type="cosine",
            warmup_ratio=0.1,
            weight_decay=0.05,
            per_device_train_batch_size=e.batch,
            per_device_eval_batch_size=e.batch,
            eval_strategy="epoch",
            save_strategy="epoch",
            logging_steps=10,
            load_best_model_at_end=True,
            metric_for_best_model="eval_loss",
            greater_is_better=False,
            remove_unused_columns=False,
            seed=e.zufall,
            report_to=[],
        ),
        train_dataset=daten["train"],
        eval_dataset=daten["validation"],
        data_collator=DefaultDataCollator(),
        compute_metrics=genauigkeit,
        callbacks=[EarlyStoppingCallback(early_stopping_patience=3)],
    )
    trainer.train()
    trainer.save_model()
    proc.save_pretrained(e.ausgabe)
    print(trainer.predict(daten["test"]).metrics)


if __name__ == "__main__":
    main()
