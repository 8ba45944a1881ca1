"""python lit_cifar.py [--config other.yaml] [--trainer.max_epochs 20 ...]"""
import os

from lightning.pytorch.cli import LightningCLI

from datamodule import SmallPictures
from module import SmallResNet


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    cli = LightningCLI(
        SmallResNet,
        SmallPictures,
        run=False,
        save_config_callback=None,
        parser_kwargs={"default_config_files": [os.path.join(here, "config.yaml")]},
    )
    cli.trainer.fit(cli.model, datamodule=cli.datamodule)
    cli.trainer.test(cli.model, datamodule=cli.datamodule, ckpt_path="best")


if __name__ == "__main__":
    main()
