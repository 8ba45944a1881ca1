"""python pets_cli.py fit [--config my.yaml] [--optimizer.lr 1e-4 ...]"""
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.cli import LightningCLI

from data import Pets
from module import Classifier

EPOCHS = 25


class PetsCLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.add_optimizer_args(torch.optim.AdamW)
        parser.add_lr_scheduler_args(torch.optim.lr_scheduler.CosineAnnealingLR)
        parser.add_lightning_class_args(ModelCheckpoint, "checkpoint")
        parser.add_lightning_class_args(LearningRateMonitor, "lr_monitor")
        parser.link_arguments("data.num_classes", "model.num_classes", apply_on="instantiate")
        parser.link_arguments("trainer.max_epochs", "lr_scheduler.T_max")
        parser.set_defaults({
            "optimizer.lr": 2e-4,
            "optimizer.weight_decay": 0.01,
            "checkpoint.monitor": "val_acc",
            "checkpoint.mode": "max",
            "data.batch_size": 40,
        })


def cli_main():
    PetsCLI(
        Classifier,
        Pets,
        seed_everything_default=271,
        trainer_defaults={
            "max_epochs": EPOCHS,
            "accelerator": "auto",
            "devices": 1,
            "precision": "16-mixed",
            "gradient_clip_val": 1.0,
            "log_every_n_steps": 20,
        },
        save_config_kwargs={"overwrite": True},
    )


if __name__ == "__main__":
    cli_main()
