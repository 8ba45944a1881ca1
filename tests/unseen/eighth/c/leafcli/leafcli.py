"""Leaf disease classifier (PlantVillage, 38 classes).

    python leafcli.py fit
    python leafcli.py test --ckpt_path best.ckpt
Everything that can be tuned lives in leaf.yaml.
"""
from lightning.pytorch.cli import LightningCLI

from plant_data import PlantVillageData
from plant_model import LeafClassifier


def main():
    LightningCLI(
        LeafClassifier,
        PlantVillageData,
        parser_kwargs={
            "fit": {"default_config_files": ["leaf.yaml"]},
            "test": {"default_config_files": ["leaf.yaml"]},
        },
        save_config_kwargs={"overwrite": True},
    )


if __name__ == "__main__":
    main()
