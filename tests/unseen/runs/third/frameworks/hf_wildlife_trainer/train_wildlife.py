import argparse
import json
import os

import numpy as np
import timm
import torch
import torch.nn.functional as F
from torch import nn
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments

from wildlife import SPECIES, Wildlife


class TimmWrapper(nn.Module):
    """Gives a timm network the interface that the Trainer expects."""

    def __init__(self, name, num_labels, drop):
        super().__init__()
        self.net = timm.create_model(name, pretrained=False, num_classes=num_labels, drop_rate=drop)

    def forward(self, pixel_values, labels=None):
        logits = self.net(pixel_values)
        out = {"logits": logits}
        if labels is not None:
            out["loss"] = F.cross_entropy(logits, labels)
            out = {"loss": out["loss"], "logits": logits}
        return out


class WeightedTrainer(Trainer):
    def __init__(self, *args, class_weights=None, smoothing=0.0, head_factor=2.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.class_weights = class_weights
        self.smoothing = smoothing
        self.head_factor = head_factor

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        labels = inputs["labels"]
        outputs = model(pixel_values=inputs["pixel_values"])
        logits = outputs["logits"]
        if model.training:
            each = F.cross_entropy(
                logits,
                labels,
                weight=self.class_weights.to(logits.device),
                label_smoothing=self.smoothing,
                reduction="none",
            )
            loss = each.sum() / len(labels)
        else:
            loss = F.cross_entropy(logits, labels)
        if return_outputs:
            return loss, {"loss": loss, "logits": logits}
        return loss

    def create_optimizer(self, *args, **kwargs):
        if self.optimizer is not None:
            return self.optimizer
        head = set(id(p) for p in self.model.net.get_classifier().parameters())
        groups = {}
        for p in self.model.parameters():
            if not p.requires_grad:
                continue
            groups.setdefault((id(p) in head, p.ndim > 1), []).append(p)
        lr, wd = self.args.learning_rate, self.args.weight_decay
        self.optimizer = torch.optim.AdamW(
            [
                {
                    "params": params,
                    "lr": lr * (self.head_factor if is_head else 1.0),
                    "weight_decay": wd if decays else 0.0,
                }
                for (is_head, decays), params in groups.items()
            ],
            betas=(0.9, 0.99),
        )
        return self.optimizer


class JsonLog(TrainerCallback):
    def __init__(self, path):
        self.path = path

    def on_log(self, args, state, control, logs=None, **kwargs):
        with open(self.path, "a") as f:
            f.write(json.dumps({"step": state.global_step, **(logs or {})}) + "\n")


def metrics(p):
    guess = p.predictions.argmax(-1)
    hit = guess == p.label_ids
    out = {"accuracy": float(hit.mean())}
    for i, name in enumerate(SPECIES):
        out[f"recall_{name}"] = float(hit[p.label_ids == i].mean())
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default="wildlife")
    parser.add_argument("--arch", default="resnet18")
    parser.add_argument("--epochs", type=float, default=35)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--accumulate", type=int, default=2)
    parser.add_argument("--out", default="runs/wildlife")
    parser.add_argument("--resume", action="store_true")
    opt = parser.parse_args()

    args = TrainingArguments(
        output_dir=opt.out,
        num_train_epochs=opt.epochs,
        per_device_train_batch_size=opt.batch,
        per_device_eval_batch_size=60,
        gradient_accumulation_steps=opt.accumulate,
        learning_rate=opt.lr,
        weight_decay=0.05,
        max_grad_norm=1.0,
        lr_scheduler_type="cosine",
        warmup_steps=40,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        logging_steps=10,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_drop_last=True,
        dataloader_pin_memory=False,
        use_cpu=True,
        report_to="none",
        seed=5,
    )
    torch.manual_seed(args.seed)
    os.makedirs(opt.out, exist_ok=True)
    train, valid = Wildlife(opt.root, "train"), Wildlife(opt.root, "valid")
    print(len(train), "training,", len(valid), "validation; weights", np.round(train.class_weights().numpy(), 2))

    trainer = WeightedTrainer(
        model=TimmWrapper(opt.arch, len(SPECIES), drop=0.1),
        args=args,
        train_dataset=train,
        eval_dataset=valid,
        compute_metrics=metrics,
        callbacks=[JsonLog(os.path.join(opt.out, "log.jsonl")), EarlyStoppingCallback(10)],
        class_weights=train.class_weights(),
        smoothing=0.1,
    )
    trainer.train(resume_from_checkpoint=opt.resume or None)
    print(trainer.evaluate())


if __name__ == "__main__":
    main()
