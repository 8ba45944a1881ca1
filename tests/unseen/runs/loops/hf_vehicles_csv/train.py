import argparse

import numpy as np
from transformers import (AutoImageProcessor, EarlyStoppingCallback, ResNetForImageClassification, Trainer,
                          TrainingArguments)

from dataset import TableDataset


def metrics(p):
    pred = p.predictions[0] if isinstance(p.predictions, tuple) else p.predictions
    pred = pred.argmax(-1)
    per_class = [float((pred[p.label_ids == c] == c).mean()) for c in np.unique(p.label_ids)]
    return {"acc": float((pred == p.label_ids).mean()), "balanced": float(np.mean(per_class))}


def parse():
    ap = argparse.ArgumentParser("vehicle classifier")
    ap.add_argument("--train_csv", default="vehicles/train.csv")
    ap.add_argument("--valid_csv", default="vehicles/valid.csv")
    ap.add_argument("--images", default="vehicles/images")
    ap.add_argument("--model", default="weights/resnet-basic")
    ap.add_argument("--out", default="runs/vehicles")
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--lr", type=float, default=5e-4)
    ap.add_argument("--bs", type=int, default=32)
    return ap.parse_args()


if __name__ == "__main__":
    opt = parse()
    processor = AutoImageProcessor.from_pretrained(opt.model)
    train_ds = TableDataset(opt.train_csv, opt.images, processor, train=True)
    valid_ds = TableDataset(opt.valid_csv, opt.images, processor)
    print(len(train_ds), "train /", len(valid_ds), "valid;", len(train_ds.classes), "classes")

    model = ResNetForImageClassification.from_pretrained(
        opt.model, num_labels=len(train_ds.classes), ignore_mismatched_sizes=True)
    model.config.id2label = {i: c for i, c in enumerate(train_ds.classes)}
    model.config.label2id = {c: i for i, c in enumerate(train_ds.classes)}

    targs = TrainingArguments(
        output_dir=opt.out,
        num_train_epochs=opt.epochs,
        per_device_train_batch_size=opt.bs,
        per_device_eval_batch_size=opt.bs,
        learning_rate=opt.lr,
        weight_decay=0.05,
        lr_scheduler_type="cosine",
        warmup_steps=50,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="acc",
        dataloader_num_workers=2,
        logging_steps=20,
        report_to=[],
        seed=17,
    )
    Trainer(model, targs, train_dataset=train_ds, eval_dataset=valid_ds, compute_metrics=metrics,
            callbacks=[EarlyStoppingCallback(6)]).train()
