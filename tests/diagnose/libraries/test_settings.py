"""Settings from files: what they give, over what, and what is unknown where a file is not there."""

import pytest

from diagnose.interpreter.values import clause
from diagnose.libraries import registry

YACS = """
from yacs.config import CfgNode as CN
_C = CN()
_C.TRAIN = CN()
_C.TRAIN.LR = 0.1
_C.TRAIN.EPOCHS = 5
cfg = _C.clone()
"""


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        ("import yaml\nx = yaml.safe_load(open('a.yaml'))['lr']", {"a_dot_yaml": "lr: 0.5\n"}, 0.5),
        ("import json\nfrom pathlib import Path\nx = json.loads(Path('a.json').read_text())['lr']",
         {"a_dot_json": '{"lr": 0.5}'}, 0.5),
        ("import yaml\nfrom pathlib import Path\nx = yaml.safe_load(Path('a.yaml').open('r'))['lr']",
         {"a_dot_yaml": "lr: 0.5\n"}, 0.5),
        ("import tomllib\nwith open('a.toml', 'rb') as f:\n    x = tomllib.load(f)['t']['lr']",
         {"a_dot_toml": "[t]\nlr = 0.5\n"}, 0.5),
        ("import configparser\nc = configparser.ConfigParser()\nc.read('a.ini')\n"
         "x = (c.getfloat('t', 'lr'), c['t']['bs'], c.getint('t', 'n', fallback=3), c['t'].getboolean('on'))",
         {"a_dot_ini": "[t]\nlr = 0.5\nbs: 8\non = yes\n"}, (0.5, "8", 3, True)),
        ("from easydict import EasyDict as edict\nx = edict({'t': {'lr': 0.5}}).t.lr", {}, 0.5),
        ("from munch import munchify\nx = munchify({'t': {'lr': 0.5}}).t.lr", {}, 0.5),
        ("from types import SimpleNamespace\nx = SimpleNamespace(lr=0.5).lr", {}, 0.5),
        (YACS + "cfg.merge_from_file('a.yaml')\ncfg.freeze()\nx = (cfg.TRAIN.LR, cfg.TRAIN.EPOCHS, _C.TRAIN.LR)",
         {"a_dot_yaml": "TRAIN:\n  LR: 0.5\n"}, (0.5, 5, 0.1)),
        (YACS + "cfg.merge_from_file('a.yaml')\nx = (cfg.TRAIN.LR, cfg.TRAIN.EPOCHS)",
         {"a_dot_yaml": "_BASE_: b.yaml\nTRAIN:\n  LR: 0.5\n", "b_dot_yaml": "TRAIN:\n  LR: 2\n  EPOCHS: 9\n"}, (0.5, 9)),
        (YACS + "cfg.merge_from_list(['TRAIN.LR', '0.7', 'TRAIN.EPOCHS', 3])\nx = (cfg.TRAIN.LR, cfg.TRAIN.EPOCHS)",
         {}, (0.7, 3)),
        (YACS + "cfg.merge_from_list(None)\nx = cfg.TRAIN.LR", {}, 0.1),
        ("from omegaconf import OmegaConf\nx = OmegaConf.load('a.yaml').opt.lr",
         {"a_dot_yaml": "base: 0.5\nopt:\n  lr: ${base}\n"}, 0.5),
        ("from omegaconf import OmegaConf\nx = OmegaConf.create({'a': 'net', 'b': '${a}50'}).b", {}, "net50"),
        ("from omegaconf import OmegaConf\nx = OmegaConf.merge(OmegaConf.load('a.yaml'), {'base': 2}).lr",
         {"a_dot_yaml": "base: 0.5\nlr: ${base}\n"}, 2),
        ("from dataclasses import dataclass\nfrom omegaconf import OmegaConf\n@dataclass\nclass C:\n    lr: float = 0.5\n"
         "x = OmegaConf.merge(OmegaConf.structured(C), {}).lr", {}, 0.5),
        ("from omegaconf import OmegaConf\nc = OmegaConf.create({'a': {'lr': 1}})\nOmegaConf.update(c, 'a.lr', 2)\n"
         "x = (OmegaConf.select(c, 'a.lr'), OmegaConf.select(c, 'a.z', default=7), OmegaConf.to_container(c)['a'])",
         {}, (2, 7, {"lr": 2})),
        ("from mmengine import Config\nx = Config.fromfile('a.py').lr", {"a_dot_py": "lr = 0.5\n"}, 0.5),
        ("x = {'lr': 1}\nx.update(lr=2)\nx = x['lr']", {}, 2),
    ],
)  # fmt: skip
def test_settings_are_read(value_of, text, files, expected):
    assert value_of(text, **files) == expected


def test_words_are_over_the_file(value_of):
    text = "from omegaconf import OmegaConf\nx = OmegaConf.merge(OmegaConf.load('a.yaml'), OmegaConf.from_cli()).opt.lr"
    assert value_of(text, ["opt.lr=3"], a_dot_yaml="opt:\n  lr: 0.5\n") == 3


@pytest.mark.parametrize(
    ("text", "files", "why"),
    [
        ("import yaml\nx = yaml.safe_load(open('a.yaml'))", {}, "a.yaml was not found"),
        (YACS + "cfg.merge_from_file('gone.yaml')\nx = cfg.TRAIN.LR", {}, "gone.yaml was not found"),
        (YACS + "import other\ncfg.merge_from_list(other.words())\nx = cfg.TRAIN.LR", {}, "command line"),
        (YACS + "import other\ncfg.merge_from_other_cfg(other.c)\nx = cfg.TRAIN.LR", {}, "not read"),
        ("from omegaconf import OmegaConf\nimport other\nx = OmegaConf.merge({'lr': 1}, other.c()).lr", {}, "not read"),
        ("from omegaconf import OmegaConf\nx = OmegaConf.create({'lr': '${oc.env:LR}'}).lr", {}, "oc.env"),
        ("from omegaconf import OmegaConf\nx = OmegaConf.create({'lr': 'a${b.c}'}).lr", {}, "b.c"),
        ("import other\nx = {'lr': 1}\nx.update(other.c())\nx = x['lr']", {}, "not read"),
        ("import os\nx = os.environ.get('LR', 0.1)", {}, "environment"),
        ("import os\nx = float(os.environ['LR'])", {}, "float"),
        ("import configparser\nc = configparser.ConfigParser()\nc.read('a.ini')\nx = c.getint('t', 'lr')",
         {"a_dot_ini": "[t]\nlr = many\n"}, "isn't a number"),
        ("import configparser\nc = configparser.ConfigParser()\nc.read('gone.ini')\nx = c.get('t', 'lr')", {}, "t.lr"),
    ],
)  # fmt: skip
def test_what_was_not_read_is_unknown(names, text, files, why):
    found = names(text, **files)["x"]
    assert why in clause(found)


def test_a_file_may_lie_in_the_working_directory(value_of, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.yaml").write_text("lr: 0.5\n")
    monkeypatch.chdir(other)
    text = "import yaml\nx = yaml.safe_load(open('a.yaml'))['lr']"
    path = tmp_path / "deep" / "er" / "still" / "train.py"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    from diagnose.interpreter.reader import Reader
    from diagnose.interpreter.values import plain

    reader = Reader(path, registry())
    reader.read()
    assert plain(reader.modules[path.resolve()].names["x"]) == 0.5
