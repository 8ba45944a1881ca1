"""ResNet (transformers' own) from scratch on picture bytes in parquet files, with mixup.

python run.py --data cifar_parquet --out out_shards
"""
import argparse
import glob
import io
import os

import numpy as np
import pyarrow.parquet as pq
import torch
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import Dataset
from torchvision import transforms
from transformers import (
    ResNetConfig, ResNetForImageClassification, Trainer, TrainerCallback, TrainingArguments,
    get_cosine_schedule_with_warmup, set_seed,
)

CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()


class ParquetPictures(Dataset):
    def __init__(self, pattern, transform):
        self.bytes, self.labels = [], []
        for path in sorted(glob.glob(pattern)):
            table = pq.read_table(path, columns=["img_bytes", "label"])
            self.bytes += table["img_bytes"].to_pylist()
            self.labels += table["label"].to_pylist()
        if not self.labels:
            raise FileNotFoundError(pattern)
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        picture = Image.open(io.BytesIO(self.bytes[index])).convert("RGB")
        return self.transform(picture), self.labels[index]


class Collate:
    """Stacks; with alpha > 0 it also mixes the batch with its own reverse. Labels leave as distributions."""

    def __init__(self, classes, alpha=0.0, smoothing=0.0):
        self.classes, self.alpha, self.smoothing = classes, alpha, smoothing

    def __call__(self, items):
        x = torch.stack([a for a, _ in items])
        y = torch.tensor([b for _, b in items])
        target = F.one_hot(y, self.classes).float()
        if self.smoothing:
            target = target * (1 - self.smoothing) + self.smoothing / self.classes
        if self.alpha:
            lam = float(np.random.beta(self.alpha, self.alpha))
            x = lam * x + (1 - lam) * x.flip(0)
            target = lam * target + (1 - lam) * target.flip(0)
        return {"pixel_values": x, "labels": target}


class SoftTargetTrainer(Trainer):
    def __init__(self, *args, eval_collator=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.train_collator, self.eval_collator = self.data_collator, eval_collator

    def get_eval_dataloader(self, eval_dataset=None):
        # no mixing in evaluation
        self.data_collator = self.eval_collator
        try:
            return super().get_eval_dataloader(eval_dataset)
        finally:
            self.data_collator = self.train_collator

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        target = inputs["labels"]
        outputs = model(pixel_values=inputs["pixel_values"])
        loss = torch.sum(-target * F.log_softmax(outputs.logits, dim=-1)) / target.shape[0]
        return (loss, outputs) if return_outputs else loss


class PrintRate(TrainerCallback):
    def on_epoch_end(self, args, state, control, optimizer=None, **kwargs):
        rates = sorted({g["lr"] for g in optimizer.param_groups})
        print(f"epoch {state.epoch:.0f}: rates {rates}")


def metrics(p):
    return {"accuracy": float((p.predictions.argmax(-1) == p.label_ids.argmax(-1)).mean())}


def parameter_groups(model, lr, weight_decay):
    """No decay for norms and biases, and a quarter of the rate for the stem."""
    groups = {}
    for name, p in model.named_parameters():
        rate = lr / 4 if ".embedder." in name else lr
        decay = 0.0 if p.ndim == 1 else weight_decay
        groups.setdefault((rate, decay), []).append(p)
    return [{"params": ps, "lr": rate, "weight_decay": decay} for (rate, decay), ps in groups.items()]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="cifar_parquet")
    ap.add_argument("--out", default="out_shards")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--lr", type=float, default=0.08)
    ap.add_argument("--weight-decay", type=float, default=5e-4)
    ap.add_argument("--mixup", type=float, default=0.2)
    ap.add_argument("--smoothing", type=float, default=0.1)
    ap.add_argument("--seed", type=int, default=11)
    args = ap.parse_args()
    set_seed(args.seed)

    to_tensor = [transforms.ToTensor(), transforms.Normalize((0.491, 0.482, 0.447), (0.247, 0.243, 0.262))]
    train = ParquetPictures(os.path.join(args.data, "train-*.parquet"), transforms.Compose(
        [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), *to_tensor]))
    valid = ParquetPictures(os.path.join(args.data, "validation-*.parquet"), transforms.Compose(to_tensor))

    config = ResNetConfig(
        num_channels=3, embedding_size=32, hidden_sizes=[32, 64, 128, 256], depths=[2, 2, 2, 2],
        layer_type="basic", hidden_act="relu", downsample_in_first_stage=False, num_labels=len(CLASSES),
        id2label={i: c for i, c in enumerate(CLASSES)}, label2id={c: i for i, c in enumerate(CLASSES)},
    )
    model = ResNetForImageClassification(config)
    # 32 pixels are too few for a stride of two and a pooling at the entrance
    stem = model.resnet.embedder
    stem.embedder.convolution = torch.nn.Conv2d(3, 32, 3, stride=1, padding=1, bias=False)
    stem.pooler = torch.nn.MaxPool2d(2)

    steps = args.epochs * -(-len(train) // args.batch)
    optimizer = torch.optim.SGD(parameter_groups(model, args.lr, args.weight_decay), lr=args.lr, momentum=0.9, nesterov=True)
    schedule = get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=steps // 20, num_training_steps=steps)

    trainer = SoftTargetTrainer(
        model=model,
        args=TrainingArguments(
            output_dir=args.out, num_train_epochs=args.epochs, per_device_train_batch_size=args.batch,
            per_device_eval_batch_size=100, eval_strategy="epoch", save_strategy="epoch", save_total_limit=1,
            load_best_model_at_end=True, metric_for_best_model="accuracy", remove_unused_columns=False,
            label_names=["labels"], max_grad_norm=10.0, logging_steps=20, report_to="none", seed=args.seed,
        ),
        train_dataset=train,
        eval_dataset=valid,
        data_collator=Collate(len(CLASSES), alpha=args.mixup, smoothing=args.smoothing),
        eval_collator=Collate(len(CLASSES)),
        compute_metrics=metrics,
        optimizers=(optimizer, schedule),
        callbacks=[PrintRate()],
    )
    trainer.train()
    print(trainer.evaluate())


if __name__ == "__main__":
    main()
