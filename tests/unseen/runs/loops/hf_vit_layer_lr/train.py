"""Feinabstimmung eines ViT: eigener Trainer mit kleinerer Lernrate für frühe Schichten,
Gradienten über zwei Teilstapel gesammelt (effektive Stapelgröße 64)."""
import numpy as np
import torch
from datasets import load_dataset
from torch import nn
from torchvision import transforms
from transformers import Trainer, TrainingArguments, ViTForImageClassification, ViTImageProcessor

QUELLE = "weights/vit-small-128"
DATEN = "animals_hf"
ABFALL = 0.75            # Faktor je Schicht


class SchichtTrainer(Trainer):
    def create_optimizer(self, model=None):
        if self.optimizer is not None:
            return self.optimizer
        tiefe = self.model.config.num_hidden_layers
        gruppen = {}
        for name, p in self.model.named_parameters():
            if not p.requires_grad:
                continue
            if "embeddings" in name:
                stufe = tiefe
            elif ".layer." in name or ".layers." in name:
                teile = name.split(".")
                stufe = tiefe - 1 - next(int(t) for t in teile if t.isdigit())
            else:
                stufe = 0
            ohne_wd = p.ndim <= 1
            g = gruppen.setdefault((stufe, ohne_wd), {
                "params": [],
                "lr": self.args.learning_rate * ABFALL ** stufe,
                "weight_decay": 0.0 if ohne_wd else self.args.weight_decay,
            })
            g["params"].append(p)
        # der Kopf zuerst
        self.optimizer = torch.optim.AdamW([gruppen[k] for k in sorted(gruppen)], betas=(0.9, 0.999))
        return self.optimizer

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        labels = inputs.pop("labels")
        outputs = model(**inputs)
        loss = nn.functional.cross_entropy(outputs.logits, labels, label_smoothing=0.1 if model.training else 0.0)
        if num_items_in_batch is not None and model.training:
            # Summe über alle Teilstapel / Zahl der Bilder im großen Stapel
            loss = loss * labels.numel() / num_items_in_batch
        return (loss, outputs) if return_outputs else loss


def main():
    torch.manual_seed(5)
    proc = ViTImageProcessor.from_pretrained(QUELLE)
    ds = load_dataset("imagefolder", data_dir=DATEN)
    namen = ds["train"].features["label"].names
    groesse = (proc.size["height"], proc.size["width"])
    normal = transforms.Normalize(proc.image_mean, proc.image_std)
    lernen = transforms.Compose([transforms.RandomResizedCrop(groesse, scale=(0.5, 1.0)),
                                 transforms.RandomHorizontalFlip(), transforms.ToTensor(), normal])
    pruefen = transforms.Compose([transforms.Resize(groesse), transforms.ToTensor(), normal])

    ds["train"].set_transform(lambda b: {"pixel_values": [lernen(i.convert("RGB")) for i in b["image"]], "labels": b["label"]})
    for teil in ("validation", "test"):
        ds[teil].set_transform(lambda b: {"pixel_values": [pruefen(i.convert("RGB")) for i in b["image"]], "labels": b["label"]})

    modell = ViTForImageClassification.from_pretrained(QUELLE, num_labels=len(namen), ignore_mismatched_sizes=True)
    argumente = TrainingArguments(
        output_dir="ausgabe/vit", num_train_epochs=25, per_device_train_batch_size=32, gradient_accumulation_steps=2,
        per_device_eval_batch_size=64, learning_rate=3e-4, weight_decay=0.05, warmup_steps=30,
        lr_scheduler_type="cosine", max_grad_norm=1.0, eval_strategy="epoch", save_strategy="no", logging_steps=5,
        remove_unused_columns=False, report_to="none", label_names=["labels"])
    trainer = SchichtTrainer(
        model=modell, args=argumente, train_dataset=ds["train"], eval_dataset=ds["validation"],
        compute_metrics=lambda e: {"treffer": float((e.predictions.argmax(1) == e.label_ids).mean())})
    trainer.train()
    print(trainer.predict(ds["test"]).metrics)
    trainer.save_model("ausgabe/vit/fertig")


if __name__ == "__main__":
    main()
