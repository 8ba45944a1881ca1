"""What is put together of a program: one Program, whose fields agree with what each training says."""

import pytest
from small_programs import found, judged, reading, said, training, why

from diagnose.model import GraphKept, RandomValidation

PLAIN = "T.Compose([T.Resize(9), T.ToTensor()])"
AGAIN = """
optimizer = torch.optim.{}
for epoch in range(5):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        criterion(model(x.cuda()), y.cuda()).backward()
        optimizer.step()
"""


def test_a_sound_program_has_no_finding_and_no_unknown_field_that_matters(tmp_path):
    read_ = reading(tmp_path, training())
    settings = {
        name: said(read_, name) for name in ("model", "weights", "head", "optimizer", "loss", "epochs", "shuffle")
    }
    assert settings == {"model": "resnet50", "weights": "IMAGENET1K_V2", "head": 10, "optimizer": "sgd",
                    "loss": "cross_entropy", "epochs": 30, "shuffle": True}  # fmt: skip
    for code in ("C306", "C310", "C311", "C312", "C313", "C317", "C319", "C320", "C322", "N201", "N203"):
        assert judged(read_, code) == ("passed", ()), code


def test_a_program_that_trains_twice_says_what_both_say(tmp_path):
    read_ = reading(tmp_path, training(end=AGAIN.format("SGD(model.parameters(), lr=0.005, momentum=0.9)")))
    assert (said(read_, "learning_rate"), said(read_, "momentum"), said(read_, "batch_size")) == (0.005, 0.9, 32)
    assert "30 (line" in why(read_, "epochs")
    assert "0.0001 (line" in why(read_, "weight_decay")


def test_a_second_training_with_a_value_that_is_not_known_leaves_the_field_unknown(tmp_path):
    read_ = reading(tmp_path, training(end=AGAIN.format("SGD(model.parameters(), lr=float(input()))")))
    assert "0.005" in why(read_, "learning_rate")
    assert "not known" in why(read_, "learning_rate")


@pytest.mark.parametrize(
    ("top", "seed", "seeded"),
    [
        ("torch.manual_seed(3)", 3, True),
        ("import random\nrandom.seed(4)", 4, True),
        ("from lightning import seed_everything\nseed_everything(seed=5)", 5, True),
        ("def fix(n):\n    torch.manual_seed(n)\nfix(6)", 6, True),
        ("generator = torch.Generator().manual_seed(7)", 7, True),
        ("torch.manual_seed(int(input()))", "?", True),
        ("", "?", False),
    ],
)
def test_a_seed_is_found_wherever_it_is_set(tmp_path, top, seed, seeded):
    read_ = reading(tmp_path, training(top=top))
    assert (said(read_, "seed"), read_.program.seeded) == (seed, seeded)
    assert found(read_, "C320") is not seeded


@pytest.mark.parametrize(
    "top", ["from elsewhere import prepare\nprepare(3)", "from elsewhere import *\nreproducible()",
            "from elsewhere import Setup\nSetup(seed=3).apply()"],
)  # fmt: skip
def test_a_seed_may_be_set_by_a_helper_that_was_not_read(tmp_path, top):
    assert judged(reading(tmp_path, training(top=top)), "C320") == ("skipped", ())


def test_the_steps_of_both_sides_are_those_of_their_loaders(tmp_path):
    program = reading(tmp_path, training()).program
    assert [step.name for step in program.train_steps][:2] == ["random_resized_crop", "random_horizontal_flip"]
    assert [step.name for step in program.val_steps] == ["resize", "center_crop", "to_tensor", "normalize"]


def test_steps_of_which_one_was_not_read_are_unknown(tmp_path):
    program = reading(
        tmp_path, training(top="from elsewhere import Crop", train_tf="T.Compose([Crop(), norm])")
    ).program
    assert program.train_steps is None
    assert program.val_steps is not None


def test_a_side_that_loads_nothing_that_was_found_says_nothing(tmp_path):
    read_ = reading(tmp_path, training(validate="model.eval()\nfor x, y in torch.load('v'):\n    model(x)"))
    assert said(read_, "val_mean") == said(read_, "val_augmentations") == "?"


def test_validation_that_draws_from_the_training_folders_transform_is_seen_as_shared(tmp_path):
    data = "torch.utils.data.random_split(datasets.ImageFolder('t', train_tf), [80, 20])"
    read_ = reading(tmp_path, training(train_data=data, train_loader="DataLoader(train_data[0], 8, shuffle=True)",
                                       before="val_loader = DataLoader(train_data[1], 8)"))  # fmt: skip
    (seen,) = read_.program.facts(RandomValidation)
    assert seen.shared is True


def test_validation_with_random_steps_of_its_own_is_not_shared(tmp_path):
    read_ = reading(tmp_path, training(val_tf="T.Compose([T.RandomRotation(9), T.ToTensor(), norm])"))
    (seen,) = read_.program.facts(RandomValidation)
    assert (seen.shared, seen.names) == (False, ("random_rotation",))


OWN = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = {body}
        self.fc = nn.Linear(8, 10)
    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
model = Net()
"""


@pytest.mark.parametrize(
    ("model", "modes", "norm"),
    [
        ("model = models.resnet18()", True, True),
        (OWN.format(body="nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))"), True, True),
        (OWN.format(body="nn.Sequential(nn.Conv2d(3, 8, 3), nn.Dropout(0.1))"), True, False),
        (OWN.format(body="nn.Conv2d(3, 8, 3)"), None, False),
        ("from elsewhere import build\nmodel = build()", None, None),
    ],
)
def test_whether_the_mode_makes_a_difference_is_known_by_the_layers(tmp_path, model, modes, norm):
    program = reading(tmp_path, training(model=model)).program
    assert (program.batch_norm_or_dropout, program.batch_norm) == (modes, norm)


def test_each_observation_is_reported_once_however_often_the_program_trains(tmp_path):
    kept = "losses = []\ndef fit():\n    for x, y in train_loader:\n        loss = criterion(model(x), y)\n" + (
        "        optimizer.zero_grad()\n        loss.backward()\n        optimizer.step()\n"
        "        losses.append(loss)\nfit()\nfit()"
    )
    assert len(reading(tmp_path, training(end=kept)).program.facts(GraphKept)) == 1


def test_lightning_trains_what_its_hooks_say(tmp_path):
    text = """
import torch, lightning as L
from torch import nn
from torchvision import models, datasets, transforms as T
class Net(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = models.resnet18(weights="DEFAULT")
    def training_step(self, batch, number):
        x, y = batch
        return nn.functional.cross_entropy(self.net(x), y)
    def validation_step(self, batch, number):
        x, y = batch
        self.log("loss", nn.functional.cross_entropy(self.net(x), y))
    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=1e-4)
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 9)]
tf = T.Compose([T.Resize(224), T.ToTensor()])
train = torch.utils.data.DataLoader(datasets.ImageFolder("t", tf), 16, True)
val = torch.utils.data.DataLoader(datasets.ImageFolder("v", tf), 16)
L.Trainer(max_epochs=9).fit(Net(), train, val)
"""
    read_ = reading(tmp_path, text)
    settings = [
        said(read_, name) for name in ("model", "weights", "optimizer", "learning_rate", "epochs", "batch_size")
    ]
    assert settings == ["resnet18", "DEFAULT", "adamw", 1e-4, 9, 16]
    assert (read_.program.managed_by, read_.program.validates) == ("Lightning", True)
    assert (said(read_, "schedule"), read_.program.schedulers[0].stepped) == ("cosine", "epoch")


def test_timms_loader_says_its_preprocessing(tmp_path):
    loader = "create_loader(datasets.ImageFolder('t'), 160, 8, is_training=True, mean=(0.5,) * 3, std=read())"
    read_ = reading(tmp_path, training(top="from timm.data import create_loader", train_loader=loader))
    assert (said(read_, "input_size"), said(read_, "mean"), said(read_, "std")) == (160, (0.5,) * 3, "?")
    still = loader.replace("std=read()", "std=(0.5,) * 3, no_aug=True")
    read_ = reading(tmp_path, training(top="from timm.data import create_loader", train_loader=still))
    assert (said(read_, "mean"), said(read_, "train_augmentations")) == ((0.5,) * 3, ())
