"""LightningCLI's subclasses: defaults, arguments that follow from others, sound and faulty ones in several styles."""

import pytest
from corpus_reading import findings

from diagnose.config.read import read_configuration
from diagnose.model import Severity

PARTS = """
import torch
import torch.nn.functional as F
from lightning.pytorch import LightningDataModule, LightningModule
from lightning.pytorch.callbacks import EarlyStopping
from lightning.pytorch.cli import LightningCLI
from torchvision import datasets, models, transforms as T

class Data(LightningDataModule):
    def __init__(self, root: str = "d", batch_size: int = 16, size: int = 224):
        super().__init__()
        self.root, self.batch_size, self.num_classes = root, batch_size, 33
        norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        self.train_tf = T.Compose([T.RandomResizedCrop(size), T.RandomHorizontalFlip(), T.ToTensor(), norm])
        self.val_tf = T.Compose([T.Resize(256), T.CenterCrop(size), T.ToTensor(), norm])
    def train_dataloader(self):
        return torch.utils.data.DataLoader(datasets.ImageFolder("t", self.train_tf), self.batch_size, shuffle=True)
    def val_dataloader(self):
        return torch.utils.data.DataLoader(datasets.ImageFolder("v", self.val_tf), self.batch_size)

class Net(LightningModule):
    def __init__(self, num_classes: int = 10, batch_size: int = 8, rate: float = 0.1, pretrained: bool = True):
        super().__init__()
        self.save_hyperparameters()
        self.net = models.resnet50(weights="IMAGENET1K_V2" if pretrained else None)
        self.net.fc = torch.nn.Linear(2048, num_classes)
    def training_step(self, batch, number):
        return F.cross_entropy(self.net(batch[0]), batch[1])
    def validation_step(self, batch, number):
        self.log("held", F.cross_entropy(self.net(batch[0]), batch[1]))
"""
OWN = """
    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.hparams.rate * self.hparams.batch_size / 256)
"""
LINKED = (
    OWN
    + """
class CLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.link_arguments("data.num_classes", "model.num_classes", apply_on="instantiate")
        parser.link_arguments("data.batch_size", "model.batch_size")
        parser.link_arguments("data.size", "model.rate", compute_fn=lambda size: size / 22400)
        parser.set_defaults({"trainer.max_epochs": 25})
CLI(Net, Data, seed_everything_default=3)
"""
)
CONFIGURED = """
class CLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.add_lightning_class_args(EarlyStopping, "stopping")
        parser.add_optimizer_args(torch.optim.AdamW)
        parser.add_lr_scheduler_args(torch.optim.lr_scheduler.CosineAnnealingLR)
        parser.set_defaults({"stopping.monitor": "held", "optimizer.lr": 3e-4, "lr_scheduler.T_max": 20})
        parser.set_defaults({"trainer.max_epochs": 20})
def main(args=None):
    cli = CLI(Net, Data, seed_everything_default=42, args=args, run=False)
    cli.trainer.fit(cli.model, datamodule=cli.datamodule)
if __name__ == "__main__":
    main()
"""
PLAIN = """
class CLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.add_optimizer_args(torch.optim.SGD)
CLI(Net, Data, trainer_defaults={"max_epochs": 15})
"""
FILE = "seed_everything: 1\ntrainer: {max_epochs: 12}\nmodel: {num_classes: 37, pretrained: false}\n"
FILE += "data: {batch_size: 64}\noptimizer: {lr: 0.02, momentum: 0.9}\n"


@pytest.fixture
def reading(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(text, words=""):
        (tmp_path / "a.yaml").write_text(FILE)
        (tmp_path / "train.py").write_text(PARTS + text)
        return read_configuration(f"train.py {words}".strip())

    return run


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (LINKED, "", {"head": 33, "learning_rate": 0.01 * 16 / 256, "epochs": 25, "seed": 3}),
        (LINKED, "fit --data.batch_size 64", {"head": 33, "learning_rate": 0.01 * 64 / 256, "batch_size": 64}),
        (CONFIGURED, "", {"head": 10, "optimizer": "adamw", "learning_rate": 3e-4, "schedule": "cosine", "epochs": 20}),
        (CONFIGURED, "--optimizer.lr 1e-4", {"learning_rate": 1e-4}),
        (PLAIN, "fit --config a.yaml", {"weights": "none", "head": 37, "learning_rate": 0.02, "momentum": 0.9,
                                        "batch_size": 64, "epochs": 12, "seed": 1}),
        (PLAIN, "fit -c a.yaml --model.pretrained true", {"weights": "IMAGENET1K_V2", "learning_rate": 0.02}),
        (PLAIN, "", {"epochs": 15, "optimizer": "sgd", "learning_rate": 1e-3}),
    ],
)  # fmt: skip
def test_a_sound_one_is_read_as_it_is_set(reading, text, words, expected):
    read = reading(text, words)
    settings = {name: getattr(read.config, name) for name in expected}
    assert {name: one.value if one.known else one.why for name, one in settings.items()} == pytest.approx(expected)
    assert not [one for one in findings(read) if one.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        (PLAIN, "fit --optimizer.lr 50", "C302"),
        (CONFIGURED.replace('"lr_scheduler.T_max": 20', '"lr_scheduler.T_max": 20, "optimizer.lr": 3.0'), "", "C302"),
        (LINKED.replace("/ 22400", "* 10"), "", "C302"),
    ],
)
def test_a_fault_in_its_settings_is_found(reading, text, words, code):
    assert code in {one.code for one in findings(reading(text, words)) if one.severity is not Severity.INFO}


def test_what_an_argument_is_linked_to_may_be_unknown(reading):
    text = LINKED.replace('"data.num_classes", "model', '"data.gone", "model')
    assert "data.gone" in reading(text).config.head.why
