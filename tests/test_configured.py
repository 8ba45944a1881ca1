"""Programs that a configuration drives: read as the configuration says, sound ones without an error, faults found."""

import textwrap

import pytest
from corpus_reading import findings

from diagnose.config.read import read_configuration
from diagnose.model import Severity

LOOP = """
    for epoch in range({epochs}):
        model.train()
        for x, y in train_loader:
            x, y = x.cuda(), y.cuda()
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for x, y in val_loader:
                model(x.cuda()).argmax(1)
"""
TOP = """
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms as T
"""
# A training of what `cfg` says, in a function; the names of its settings come from `settings`.
BODY = (
    """
def train(cfg):
    torch.manual_seed({seed})
    norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_tf = T.Compose([T.RandomResizedCrop({size}), T.RandomHorizontalFlip(), T.ToTensor(), norm])
    val_tf = T.Compose([T.Resize(256), T.CenterCrop({size}), T.ToTensor(), norm])
    train_loader = DataLoader(datasets.ImageFolder("t", train_tf), batch_size={batch}, shuffle=True)
    val_loader = DataLoader(datasets.ImageFolder("v", val_tf), batch_size={batch})
    model = models.resnet50(weights="IMAGENET1K_V2" if {pretrained} else None)
    model.fc = nn.Linear(2048, {classes})
    model = model.cuda()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr={lr}, momentum=0.9, weight_decay=1e-4)
"""
    + LOOP
)
FLAT = {"seed": "cfg.seed", "size": "cfg.size", "batch": "cfg.batch_size", "pretrained": "cfg.pretrained",
        "classes": "cfg.num_classes", "lr": "cfg.lr", "epochs": "cfg.epochs"}  # fmt: skip
NESTED = FLAT | {"size": "cfg.data.size", "batch": "cfg.data.batch_size", "lr": "cfg.optim.lr"}
ITEMS = {name: f'cfg["{path.removeprefix("cfg.")}"]' for name, path in FLAT.items()}
FIELDS = "size: int = 224\nbatch_size: int = 32\npretrained: bool = True\nnum_classes: int = 12\nlr: float = 0.01\n"
FIELDS += "epochs: int = 30\nseed: int = 1\n"
SAID = {"input_size": 224, "batch_size": 32, "weights": "IMAGENET1K_V2", "head": 12, "learning_rate": 0.01,
        "epochs": 30, "seed": 1}  # fmt: skip
SECTIONS = """
from dataclasses import dataclass, field
@dataclass
class Data:
    size: int = 224
    batch_size: int = 32
@dataclass
class Optim:
    lr: float = 0.01
@dataclass
class Config:
    data: Data = field(default_factory=Data)
    optim: Optim = field(default_factory=Optim)
    pretrained: bool = True
    num_classes: int = 12
    epochs: int = 30
    seed: int = 1
"""


def flat(head="@dataclass\nclass Config:\n", imports="from dataclasses import dataclass\n"):
    return imports + head + textwrap.indent(FIELDS, "    ") + TOP + BODY.format(**FLAT)


def nested(imports=""):
    return SECTIONS + imports + TOP + BODY.format(**NESTED)


YAML = "data: {size: 192}\noptim:\n  lr: 0.002\nepochs: 12\n"
GROUPS = {
    "conf/config.yaml": "defaults:\n  - optim: sgd\n  - data: small\n  - _self_\n  - override hydra/launcher: basic\n"
    "pretrained: true\nnum_classes: 12\nepochs: 30\nseed: 1\n",
    "conf/optim/sgd.yaml": "lr: 0.01\n",
    "conf/optim/fast.yaml": "defaults: [sgd]\nlr: ${oc.env:LR,0.02}\n",
    "conf/data/small.yaml": "# @package data\nsize: 224\nbatch_size: ${..num_classes}\n",
    "conf/experiment/long.yaml": "# @package _global_\ndefaults:\n  - override /optim: fast\nepochs: 90\n",
}
HYDRA = (
    "import hydra\n"
    + TOP
    + BODY.format(**NESTED)
    + """
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    train(cfg)
if __name__ == "__main__":
    main()
"""
)
STORED = """
import hydra
from typing import Any, List
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING
""" + SECTIONS.replace("class Config:\n", "class Config:\n    defaults: List[Any] = field(default_factory=lambda: "
      "[{'optim': 'sgd'}, '_self_'])\n").replace("field(default_factory=Optim)", "MISSING") + """
@dataclass
class Fast(Optim):
    lr: float = 0.02
store = ConfigStore.instance()
store.store(name="config", node=Config)
store.store(group="optim", name="sgd", node=Optim)
store.store("fast", Fast, "optim")
""" + HYDRA.replace("import hydra\n", "").replace('config_path="conf", ', "")  # fmt: skip
NODES = (
    """
import hydra, torch
from hydra.utils import instantiate
from torch.utils.data import DataLoader
@hydra.main(version_base="1.3", config_path="conf", config_name="nodes")
def main(cfg):
    torch.manual_seed(cfg.seed)
    train_loader = DataLoader(instantiate(cfg.train), batch_size=cfg.batch, shuffle=True)
    val_loader = DataLoader(instantiate(cfg.val), batch_size=cfg.batch)
    model = instantiate(cfg.model, _convert_="all").cuda()
    criterion = instantiate(cfg.loss)
    optimizer = instantiate(cfg.optim)(params=model.parameters())
    schedule = instantiate(cfg.schedule, optimizer=optimizer)
"""
    + LOOP.format(epochs="cfg.epochs")
    + "        schedule.step()\nmain()\n"
)
NODES_YAML = """
seed: 1
batch: 32
size: 224
epochs: 30
model: {_target_: torchvision.models.resnet50, weights: IMAGENET1K_V2, num_classes: 12}
loss: {_target_: torch.nn.CrossEntropyLoss}
optim: {_target_: torch.optim.SGD, _partial_: true, lr: 0.01, momentum: 0.9, weight_decay: 1e-4}
schedule: {_target_: torch.optim.lr_scheduler.MultiStepLR, milestones: [10, 20]}
norm: {_target_: torchvision.transforms.Normalize, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
train:
  _target_: torchvision.datasets.ImageFolder
  root: t
  transform:
    _target_: torchvision.transforms.Compose
    transforms:
      - {_target_: torchvision.transforms.RandomResizedCrop, size: "${size}"}
      - {_target_: torchvision.transforms.RandomHorizontalFlip}
      - {_target_: torchvision.transforms.ToTensor}
      - ${norm}
val:
  _target_: torchvision.datasets.ImageFolder
  root: v
  transform:
    _target_: torchvision.transforms.Compose
    transforms:
      - {_target_: torchvision.transforms.Resize, size: 256}
      - {_target_: torchvision.transforms.CenterCrop, size: "${size}"}
      - {_target_: torchvision.transforms.ToTensor}
      - ${norm}
"""
FILE = (
    """
import argparse, yaml
class Config(dict):
    def __init__(self, pairs):
        super().__init__()
        for key, value in pairs.items():
            self[key] = Config(value) if isinstance(value, dict) else value
    __getattr__ = dict.get
parser = argparse.ArgumentParser()
parser.add_argument("-c", "--config", default="base.yaml")
"""
    + TOP
    + BODY.format(**NESTED)
    + """
with open(parser.parse_args().config) as file:
    train(Config(yaml.safe_load(file)))
"""
)
BASE = "data: {size: 224, batch_size: 32}\noptim: {lr: 0.01}\npretrained: true\nnum_classes: 12\nepochs: 30\nseed: 1\n"
REGISTRY = (
    """
import sys, json
OPTIMIZERS = {}
def register(name):
    def keep(made):
        OPTIMIZERS[name] = made
        return made
    return keep
@register("plain")
def plain(parameters, lr):
    return torch.optim.SGD(parameters, lr=lr, momentum=0.9, weight_decay=1e-4)
"""
    + TOP
    + BODY.format(**ITEMS).replace(
        'torch.optim.SGD(model.parameters(), lr=cfg["lr"], momentum=0.9, weight_decay=1e-4)',
        'OPTIMIZERS[cfg["optimizer"]](model.parameters(), cfg["lr"])',
    )
)
REGISTRY += "train(json.load(open(sys.argv[1])))\n"
JSON = '{"size": 224, "batch_size": 32, "pretrained": true, "num_classes": 12, "lr": 0.01, "epochs": 30, "seed": 1,\n'
JSON += '"optimizer": "plain"}\n'
LOOPED = (
    "import argparse\n"
    + TOP
    + BODY.format(**FLAT)
    + """
OPTIONS = [("lr", float, 0.01), ("epochs", int, 30), ("batch-size", int, 32), ("seed", int, 1), ("size", int, 224)]
common = argparse.ArgumentParser(add_help=False)
common.add_argument("--num-classes", type=int, default=12)
parser = argparse.ArgumentParser(parents=[common])
for name, kind, default in OPTIONS:
    parser.add_argument(f"--{name}", type=kind, default=default)
parser.add_argument("--scratch", dest="pretrained", action="store_false")
train(parser.parse_args())
"""
)
CLICKED = (
    "import click\nfrom types import SimpleNamespace\n"
    + TOP
    + BODY.format(**FLAT)
    + """
def options(rows):
    def add(function):
        for name, default in rows:
            function = click.option(name, default=default)(function)
        return function
    return add
ROWS = [("--lr", 0.01), ("--epochs", 30), ("--batch-size", 32), ("--seed", 1), ("--size", 224), ("--num-classes", 12)]
@click.command()
@options(ROWS)
@click.option("--pretrained/--scratch", default=True)
def main(**given):
    train(SimpleNamespace(**given))
main()
"""
)
PYDANTIC = flat("class Config(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='T_')\n",
                "from pydantic_settings import BaseSettings, SettingsConfigDict\n")  # fmt: skip

SOUND = {
    "hydra groups": (HYDRA, "", GROUPS, {"batch_size": 12}),
    "hydra experiment": (HYDRA, "+experiment=long", GROUPS, {"batch_size": 12, "learning_rate": 0.02, "epochs": 90}),
    "hydra words": (HYDRA, "optim=fast optim.lr=0.005 +data.batch_size=16", GROUPS,
                    {"batch_size": 16, "learning_rate": 0.005}),
    "hydra dataclasses": (STORED, "", {}, {}),
    "hydra dataclass chosen": (STORED, "optim=fast data.batch_size=8", {}, {"learning_rate": 0.02, "batch_size": 8}),
    "hydra nodes": (NODES, "", {"conf/nodes.yaml": NODES_YAML}, {"schedule": "multistep",
                                                                 "mean": (0.485, 0.456, 0.406)}),
    "file by default": (FILE, "", {"base.yaml": BASE}, {}),
    "file by option": (FILE, "-c other.yaml", {"base.yaml": "", "other.yaml": BASE.replace("30", "9")}, {"epochs": 9}),
    "registry": (REGISTRY, "a.json", {"a.json": JSON}, {"optimizer": "sgd"}),
    "options in a loop": (LOOPED, "--lr 0.004 --scratch", {}, {"learning_rate": 0.004, "weights": "none"}),
    "click options in a loop": (CLICKED, "--epochs 7", {}, {"epochs": 7}),
    "tyro": (nested("import tyro\n") + "train(tyro.cli(Config))\n", "--optim.lr 0.005", {}, {"learning_rate": 0.005}),
    "tyro on a function": (nested("import tyro\n") + "def main(cfg: Config, fast: bool = False):\n    train(cfg)\n"
                           "tyro.cli(main)\n", "--cfg.data.batch-size 8", {}, {"batch_size": 8}),
    "pyrallis": (nested("import pyrallis\n") + "@pyrallis.wrap()\ndef main(cfg: Config):\n    train(cfg)\nmain()\n",
                 "--config_path=a.yaml --epochs 9", {"a.yaml": YAML},
                 {"input_size": 192, "learning_rate": 0.002, "epochs": 9}),
    "draccus": (nested("import draccus\n") + "train(draccus.parse(Config, config_path='a.yaml'))\n", "",
                {"a.yaml": YAML}, {"input_size": 192, "learning_rate": 0.002, "epochs": 12}),
    "simple_parsing": (nested("from simple_parsing import ArgumentParser\n") + "parser = ArgumentParser()\n"
                       "parser.add_arguments(Config, dest='options')\ntrain(parser.parse_args().options)\n",
                       "--lr 0.003 --options.epochs 4", {}, {"learning_rate": 0.003, "epochs": 4}),
    "HfArgumentParser": (flat() + "from transformers import HfArgumentParser\n"
                         "train(HfArgumentParser(Config).parse_args_into_dataclasses()[0])\n", "--pretrained false", {},
                         {"weights": "none"}),
    "pydantic": (PYDANTIC + "train(Config())\n", "", {}, {}),
    "pydantic with a file": (PYDANTIC + "import yaml\n"
                             "train(Config.model_validate(yaml.safe_load(open('a.yaml'))))\n", "",
                             {"a.yaml": "lr: 0.002\n"}, {"learning_rate": 0.002}),
    "dacite": (nested("import dacite, yaml\n") + "train(dacite.from_dict(data_class=Config, data=yaml.safe_load("
               "open('a.yaml'))))\n", "", {"a.yaml": YAML}, {"input_size": 192, "learning_rate": 0.002, "epochs": 12}),
    "OmegaConf": (nested("from omegaconf import OmegaConf\n") + "train(OmegaConf.merge(OmegaConf.structured(Config), "
                  "OmegaConf.load('a.yaml'), OmegaConf.from_cli()))\n", "optim.lr=0.003", {"a.yaml": YAML},
                  {"input_size": 192, "learning_rate": 0.003, "epochs": 12}),
}  # fmt: skip
FAULTY = {
    "hydra": (HYDRA, "optim.lr=50", GROUPS, {"C302"}),
    "hydra dataclasses": (STORED, "optim.lr=50", {}, {"C302"}),
    "hydra nodes": (NODES, "", {"conf/nodes.yaml": NODES_YAML.replace("[0.485, 0.456, 0.406]", "[123, 116, 103]")},
                    {"N204"}),
    "hydra milestones": (NODES, "epochs=5", {"conf/nodes.yaml": NODES_YAML}, {"C326"}),
    "file": (FILE, "", {"base.yaml": BASE.replace("lr: 0.01", "lr: 50")}, {"C302"}),
    "registry": (REGISTRY, "a.json", {"a.json": JSON.replace("0.01", "50")}, {"C302"}),
    "options in a loop": (LOOPED.replace("optimizer.zero_grad()", "pass"), "", {}, {"C310"}),
    "click": (CLICKED, "--lr 50", {}, {"C302"}),
    "tyro": (nested("import tyro\n") + "train(tyro.cli(Config))\n", "--optim.lr 50", {}, {"C302"}),
    "pyrallis": (nested("import pyrallis\n") + "@pyrallis.wrap()\ndef main(cfg: Config):\n    train(cfg)\nmain()\n",
                 "--config_path a.yaml", {"a.yaml": YAML.replace("0.002", "50")}, {"C302"}),
    "pydantic": (PYDANTIC.replace("lr: float = 0.01", "lr: float = 50.0") + "train(Config())\n", "", {}, {"C302"}),
}  # fmt: skip


def read(tmp_path, monkeypatch, text, words, files):
    monkeypatch.chdir(tmp_path)
    for name, content in {"train.py": text, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return read_configuration(f"train.py {words}".strip())


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_program_is_read_as_its_configuration_says(tmp_path, monkeypatch, name):
    text, words, files, changed = SOUND[name]
    reading = read(tmp_path, monkeypatch, text, words, files)
    expected = {**SAID, **changed}
    settings = {field: getattr(reading.config, field) for field in expected}
    assert {field: one.value if one.known else one.why for field, one in settings.items()} == expected
    assert not [one for one in findings(reading) if one.severity is Severity.ERROR]


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_in_the_configuration_is_found(tmp_path, monkeypatch, name):
    text, words, files, codes = FAULTY[name]
    reading = read(tmp_path, monkeypatch, text, words, files)
    found = {one.code for one in findings(reading) if one.severity in (Severity.ERROR, Severity.WARNING)}
    assert codes <= found
