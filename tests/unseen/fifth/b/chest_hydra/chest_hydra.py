import hydra
import lightning as L
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from omegaconf import DictConfig

from datamodule import ChestData
from module import ChestModule


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg: DictConfig) -> None:
    L.seed_everything(cfg.seed, workers=True)
    data = ChestData(**cfg.data)
    module = ChestModule(max_epochs=cfg.trainer.max_epochs, **cfg.model)
    trainer = L.Trainer(
        callbacks=[
            ModelCheckpoint(monitor="val/f1", mode="max", filename="best"),
            LearningRateMonitor(logging_interval="step"),
        ],
        **cfg.trainer,
    )
    trainer.fit(module, datamodule=data)
    trainer.test(datamodule=data, ckpt_path="best")


if __name__ == "__main__":
    main()
