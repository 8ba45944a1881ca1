"""Entry point.   python plankton_cli.py fit     (settings: config.yaml)"""
import torch
from lightning.pytorch.cli import LightningCLI

from plankton_data import PlanktonData
from plankton_net import Classifier


class PlanktonCLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.link_arguments("data.num_classes", "model.num_classes")


def main():
    torch.set_float32_matmul_precision("high")
    PlanktonCLI(
        Classifier,
        PlanktonData,
        save_config_kwargs={"overwrite": True},
        parser_kwargs={"fit": {"default_config_files": ["config.yaml"]}},
    )


if __name__ == "__main__":
    main()
