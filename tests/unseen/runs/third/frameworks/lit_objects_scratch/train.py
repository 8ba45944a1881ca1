import argparse

import lightning as L
import torch
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger

from data import ObjectsDataModule
from model import ObjectClassifier


def parse_args():
    p = argparse.ArgumentParser(description="Small object classifier, trained from scratch")
    p.add_argument("--data", default="objects")
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--weight-decay", type=float, default=0.02)
    p.add_argument("--workers", type=int, default=0)
    p.add_argument("--out", default="runs/objects")
    p.add_argument("--seed", type=int, default=7)
    return p.parse_args()


def main():
    args = parse_args()
    L.seed_everything(args.seed, workers=True)
    torch.set_float32_matmul_precision("high")

    dm = ObjectsDataModule(args.data, args.size, args.batch_size, args.workers)
    dm.setup()
    print(f"{len(dm.train_set)} training and {len(dm.val_set)} validation pictures of {len(dm.classes)} classes")

    model = ObjectClassifier(
        num_classes=len(dm.classes),
        image_size=args.size,
        lr=args.lr,
        weight_decay=args.weight_decay,
    )

    trainer = L.Trainer(
        max_epochs=args.epochs,
        accelerator="cpu",
        devices=1,
        log_every_n_steps=10,
        num_sanity_val_steps=0,
        gradient_clip_val=1.0,
        logger=CSVLogger(args.out),
        callbacks=[
            LearningRateMonitor("epoch"),
            ModelCheckpoint(monitor="val/acc", mode="max", save_last=True, auto_insert_metric_name=False,
                            filename="epoch{epoch:03d}"),
            EarlyStopping(monitor="val/loss", patience=15),
        ],
    )
    trainer.fit(model, datamodule=dm)
    print("best:", trainer.checkpoint_callback.best_model_path, trainer.checkpoint_callback.best_model_score)


if __name__ == "__main__":
    main()
