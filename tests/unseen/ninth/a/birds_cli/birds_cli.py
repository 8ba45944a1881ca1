"""Fine-tune a network on CUB-200 with the Lightning command line.

    python birds_cli.py fit                       # takes birds.yaml
    python birds_cli.py fit --model.lr 0.005
"""
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from bird_data import BirdData
from bird_model import BirdClassifier


class BirdsCLI(LightningCLI):
    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        parser.link_arguments("data.image_size", "model.image_size")
        parser.add_lightning_class_args(ModelCheckpoint, "checkpoint")
        parser.add_lightning_class_args(LearningRateMonitor, "lr_monitor")
        parser.set_defaults({
            "checkpoint.monitor": "val_acc",
            "checkpoint.mode": "max",
            "checkpoint.save_last": True,
            "lr_monitor.logging_interval": "epoch",
            "trainer.max_epochs": 40,
            "trainer.precision": "bf16-mixed",
        })

    def before_fit(self) -> None:
        torch.set_float32_matmul_precision("high")


def main() -> None:
    BirdsCLI(
        BirdClassifier,
        BirdData,
        seed_everything_default=11,
        save_config_kwargs={"overwrite": True},
        parser_kwargs={"fit": {"default_config_files": ["birds.yaml"]}},
    )


if __name__ == "__main__":
    main()
