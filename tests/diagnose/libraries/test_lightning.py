"""Lightning: what its Trainer runs, and what LightningCLI takes from defaults, files and words."""

import pytest

from diagnose.config.read import read_configuration
from diagnose.model import NotOnDevice

MODULE = """
import torch
import torch.nn.functional as F
from lightning.pytorch import LightningDataModule, LightningModule, Trainer, seed_everything
from lightning.pytorch.cli import LightningCLI
from lightning.pytorch.tuner import Tuner
from torchvision import datasets, models, transforms

class Data(LightningDataModule):
    def __init__(self, batch_size: int = 16):
        super().__init__()
        self.batch_size = batch_size
    def train_dataloader(self):
        return torch.utils.data.DataLoader(datasets.ImageFolder("a", transforms.ToTensor()), self.batch_size, shuffle=True)
    def val_dataloader(self):
        return torch.utils.data.DataLoader(datasets.ImageFolder("b", transforms.ToTensor()), self.batch_size)

class Net(LightningModule):
    def __init__(self, lr: float = 1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.lr = lr
        self.net = models.resnet18(weights=None, num_classes=4)
    def forward(self, x):
        return self.net(x)
    def training_step(self, batch, number):
        return F.cross_entropy(self(batch[0]), batch[1])
    def validation_step(self, batch, number):
        self.log("held", F.cross_entropy(self(batch[0]), batch[1]))
"""
OWN = """
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)
"""


@pytest.fixture
def reading(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(text, words="", own=OWN, **files):
        for name, content in files.items():
            (tmp_path / name.replace("_dot_", ".")).write_text(content)
        (tmp_path / "train.py").write_text(MODULE + own + text)
        return read_configuration(f"train.py {words}".strip())

    return run


def fields(reading, *names):
    settings = [getattr(reading.config, name) for name in names]
    return tuple(setting.value if setting.known else "unknown" for setting in settings)


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("LightningCLI(Net, Data, trainer_defaults={'max_epochs': 7})", "", (7, 1e-3, 16)),
        ("LightningCLI(Net, Data)", "", ("unknown", 1e-3, 16)),
        ("LightningCLI(Net, Data)", "fit --trainer.max_epochs 3 --model.lr=0.1 --data.batch_size 8", (3, 0.1, 8)),
        ("LightningCLI(Net, Data)", "fit --config a.yaml", (9, 0.2, 16)),
        ("LightningCLI(Net, Data)", "fit -c a.yaml --model.lr 0.5", (9, 0.5, 16)),
        ("LightningCLI(Net, Data, args=['fit', '--trainer.max_epochs=4'])", "", (4, 1e-3, 16)),
        ("LightningCLI(Net, Data, parser_kwargs={'fit': {'default_config_files': ['a.yaml']}})", "", (9, 0.2, 16)),
        ("LightningCLI()", "fit --config b.yaml", (2, 0.3, 4)),
        ("cli = LightningCLI(Net, Data, run=False, trainer_defaults={'max_epochs': 7})\n"
         "cli.trainer.fit(cli.model, datamodule=cli.datamodule)", "", (7, 1e-3, 16)),
        ("class C(LightningCLI):\n    def add_arguments_to_parser(self, parser):\n"
         "        parser.set_defaults({'trainer.max_epochs': 6, 'model.lr': 0.4})\n"
         "        parser.link_arguments('data.batch_size', 'model.n')\nC(Net, Data)", "", (6, 0.4, 16)),
        ("class C(LightningCLI):\n    def __init__(self, *args, **kwargs):\n"
         "        super().__init__(*args, trainer_defaults={'max_epochs': 6}, **kwargs)\nC(Net, Data)", "",
         (6, 1e-3, 16)),
    ],
)  # fmt: skip
def test_lightning_cli_takes_settings_from_everywhere(reading, text, words, expected):
    files = {
        "a_dot_yaml": "trainer:\n  max_epochs: 9\nmodel:\n  lr: 0.2\n",
        "b_dot_yaml": "trainer:\n  max_epochs: 2\nmodel:\n  class_path: train.Net\n  init_args:\n    lr: 0.3\n"
                      "data:\n  class_path: train.Data\n  init_args:\n    batch_size: 4\n",
    }  # fmt: skip
    found = reading(text, words, **files)
    assert fields(found, "epochs", "learning_rate", "batch_size") == expected
    assert found.program.validates
    assert found.program.seeded


def test_its_seed_and_its_optimizer(reading):
    found = reading("LightningCLI(Net, Data, seed_everything_default=3)", "fit --optimizer SGD --optimizer.lr 0.2", "")
    assert fields(found, "seed", "optimizer", "learning_rate") == (3, "sgd", 0.2)
    found = reading("LightningCLI(Net, Data, seed_everything_default=False)")
    assert not found.program.seeded
    own = "class C(LightningCLI):\n    def add_arguments_to_parser(self, parser):\n"
    own += "        parser.add_optimizer_args(torch.optim.AdamW)\n"
    own += "        parser.add_lr_scheduler_args(torch.optim.lr_scheduler.ExponentialLR)\nC(Net, Data)"
    found = reading(own, "fit --optimizer.lr 0.3", "")
    assert fields(found, "optimizer", "learning_rate", "schedule") == ("adamw", 0.3, "exponential")


def test_a_file_that_is_not_there_is_noted(reading):
    found = reading("LightningCLI(Net, Data)", "fit --config gone.yaml")
    assert any("gone.yaml was not found" in note for note in found.notes)


@pytest.mark.parametrize(
    ("arguments", "epochs"),
    [
        ("max_epochs=5", 5),
        ("", 1000),
        ("max_steps=100", "unknown"),
        ("max_epochs=5, max_steps=100", "unknown"),
        ("max_epochs=5, max_steps=-1", 5),
        ("max_epochs=-1", "unknown"),
        ("max_time='1:00'", "unknown"),
        ("fast_dev_run=True", 1),
        ("**elsewhere.settings()", "unknown"),
    ],
)
def test_the_epochs_of_a_trainer(reading, arguments, epochs):
    found = reading(f"import elsewhere\nTrainer({arguments}).fit(Net(), datamodule=Data())")
    assert fields(found, "epochs") == (epochs,)


def test_a_trainer_from_options(reading):
    text = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--max_epochs', type=int, default=8)\n"
    text += "Trainer.from_argparse_args(p.parse_args()).fit(Net(), Data())"
    assert fields(reading(text), "epochs") == (8,)


@pytest.mark.parametrize(
    ("text", "validates"),
    [
        ("Trainer(max_epochs=2).fit(Net(), Data())", True),
        ("Trainer(max_epochs=2, limit_val_batches=0).fit(Net(), Data())", False),
        ("t = Trainer(max_epochs=2, limit_val_batches=0)\nt.fit(Net(), Data())\nt.validate(datamodule=Data())", True),
        ("t = Trainer(max_epochs=2, limit_val_batches=0)\nn = Net()\nt.fit(n, Data())\n"
         "t.validate(n, torch.utils.data.DataLoader(datasets.ImageFolder('b', transforms.ToTensor())))", True),
    ],
)  # fmt: skip
def test_where_it_validates(reading, text, validates):
    assert reading(text).program.validates is validates


def test_what_its_tuner_finds_is_unknown(reading):
    text = "n, d = Net(), Data()\nt = Trainer(max_epochs=2)\nu = Tuner(t)\nu.lr_find(n, datamodule=d)\n"
    found = reading(text + "u.scale_batch_size(n, datamodule=d)\nt.fit(n, d)")
    assert fields(found, "learning_rate", "batch_size") == ("unknown", "unknown")
    assert "learning rate finder" in found.config.learning_rate.why
    found = reading(text.replace("datamodule=d)", "datamodule=d, update_attr=False)") + "t.fit(n, d)")
    assert fields(found, "learning_rate") == (1e-3,)
    found = reading("n = Net()\nt = Trainer(max_epochs=2, auto_lr_find=True)\nt.tune(n)\nt.fit(n, Data())")
    assert fields(found, "learning_rate") == ("unknown",)


def test_a_checkpoint_is_where_the_weights_come_from(reading):
    found = reading("Trainer(max_epochs=2).fit(Net(), Data(), ckpt_path='last.ckpt')")
    assert fields(found, "weights") == ("last.ckpt",)


MANUAL = """
    def configure_optimizers(self):
        self.automatic_optimization = False
        opt = torch.optim.SGD(self.parameters(), lr=0.1)
        return CONFIGURED
    def training_step(self, batch, number):
        opt, sch = self.optimizers(), self.lr_schedulers()
        opt.zero_grad()
        loss = F.cross_entropy(self(batch[0]), batch[1])
        self.manual_backward(loss)
        opt.step()
        sch.step()
Trainer(max_epochs=2).fit(Net(), Data())
"""


@pytest.mark.parametrize(
    "configured",
    [
        "[opt], [torch.optim.lr_scheduler.StepLR(opt, 5)]",
        "{'optimizer': opt, 'lr_scheduler': torch.optim.lr_scheduler.StepLR(opt, 5)}",
        "{'optimizer': opt, 'lr_scheduler': {'scheduler': torch.optim.lr_scheduler.StepLR(opt, 5)}}",
    ],
)
def test_manual_optimisation(reading, configured):
    found = reading("", own=MANUAL.replace("CONFIGURED", configured))
    assert fields(found, "optimizer", "learning_rate", "schedule", "epochs") == ("sgd", 0.1, "step", 2)
    assert {"zero_grad", "backward", "step"} <= {act.what for act in found.program.acts}


def test_a_helper_of_lightnings_gives_torchvisions_network(reading):
    own = "\nfrom lightning.pytorch.utilities.model_helpers import get_torchvision_model\n"
    text = "class Helped(Net):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.net = get_torchvision_model('resnet50', weights='DEFAULT')\n"
    found = reading(own + text + "Trainer(max_epochs=2).fit(Helped(), Data())")
    assert fields(found, "model", "weights") == ("resnet50", "DEFAULT")


@pytest.mark.parametrize(
    ("returned", "stepped"),
    [
        ("{'optimizer': opt, 'lr_scheduler': {'scheduler': rate, 'interval': 'step'}}", "batch"),
        ("{'optimizer': opt, 'lr_scheduler': rate, 'interval': 'step'}", "epoch"),
        ("{'optimizer': opt, 'lr_scheduler': rate}", "epoch"),
        ("[opt], [{'scheduler': rate, 'interval': 'step'}]", "batch"),
    ],
)
def test_the_interval_of_a_schedule_stands_beside_it(reading, returned, stepped):
    own = (
        "class Rated(Net):\n    def configure_optimizers(self):\n"
        "        opt = torch.optim.SGD(self.parameters(), 0.1)\n"
        "        rate = torch.optim.lr_scheduler.OneCycleLR(opt, 0.1, int(self.trainer.estimated_stepping_batches))\n"
        f"        return {returned}\n"
    )
    (schedule,) = reading(own + "Trainer(max_epochs=2).fit(Rated(), Data())").program.schedulers
    assert (schedule.stepped, schedule.counts_batches) == (stepped, True)


def test_a_module_that_nothing_fits_here_may_be_validated(reading):
    step = "    def validation_step(self, batch, index):\n        self.log('loss', self(batch[0]).mean())\n"
    assert reading("class Held(Net):\n" + step).program.validates is True


def test_a_step_that_optimizes_by_hand_and_a_schedule_that_an_epochs_end_steps(reading):
    own = (
        "class ByHand(Net):\n    def __init__(self):\n        super().__init__()\n"
        "        self.automatic_optimization = False\n"
        "    def training_step(self, batch, number):\n        opt = self.optimizers()\n"
        "        self.manual_backward(F.cross_entropy(self(batch[0]), batch[1]))\n"
        "        if (number + 1) % 4 == 0:\n            opt.step()\n            opt.zero_grad()\n"
        "    def on_train_epoch_end(self):\n        self.lr_schedulers().step()\n"
        "    def configure_optimizers(self):\n        opt = torch.optim.SGD(self.parameters(), 0.1)\n"
        "        return [opt], [torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)]\n"
    )
    found = reading(own + "Trainer(max_epochs=5, accelerator='gpu').fit(ByHand(), Data())")
    assert fields(found, "schedule") == ("cosine",)
    assert {type(one).__name__ for one in found.program.seen} >= {"Accumulation"}
    assert not found.program.facts(NotOnDevice)
