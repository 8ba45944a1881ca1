"""Hydra: files composed by groups and words, and the objects that nodes name."""

import pytest

from diagnose.interpreter.values import clause

APP = """
import hydra
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    global x
    x = EXPRESSION
x = None
if __name__ == "__main__":
    main()
"""
CONF = {
    "conf__config_dot_yaml": "defaults:\n  - optimizer: sgd\n  - _self_\nlr: 0.1\nepochs: 5\n",
    "conf__optimizer__sgd_dot_yaml": "_target_: torch.optim.SGD\nlr: ${lr}\n",
    "conf__optimizer__adam_dot_yaml": "_target_: torch.optim.Adam\nlr: 0.001\n",
}


def app(expression):
    return APP.replace("EXPRESSION", expression)


@pytest.mark.parametrize(
    ("expression", "words", "expected"),
    [
        ("cfg.epochs", [], 5),
        ("cfg.optimizer.lr", [], 0.1),
        ("cfg.optimizer.lr", ["lr=2"], 2),
        ("cfg.optimizer._target_", ["optimizer=adam"], "torch.optim.Adam"),
        ("cfg.optimizer.lr", ["optimizer=adam", "optimizer.lr=7"], 7),
        ("cfg.more", ["+more=true"], True),
        ("hydra.utils.to_absolute_path('a')", [], "a"),
    ],
)
def test_files_groups_and_words(value_of, expression, words, expected):
    assert value_of(app(expression), words, **CONF) == expected


def test_a_group_may_be_placed_globally_and_inherit(value_of):
    files = {
        "conf__config_dot_yaml": "defaults:\n  - base\n  - experiment: null\n  - _self_\nlr: 0.1\n",
        "conf__base_dot_yaml": "epochs: 3\nlr: 9\n",
        "conf__experiment__big_dot_yaml": "# @package _global_\nepochs: 30\n",
    }
    assert value_of(app("(cfg.lr, cfg.epochs)"), **files) == (0.1, 3)
    text = app("cfg.epochs")
    files["conf__config_dot_yaml"] = "defaults:\n  - base\n  - experiment@_global_: big\n  - _self_\nlr: 0.1\n"
    assert value_of(text, **files) == 30


def test_a_configuration_that_is_not_there_is_noted(read):
    reader = read(app("cfg.lr"))
    assert any("conf/config.yaml was not found" in note for note in reader.notes)


def test_nodes_become_what_they_name(names, value_of):
    made = names(app("hydra.utils.instantiate(cfg.optimizer, params=[])"), **CONF)["x"]
    assert (made.name, made.kwargs["lr"].data) == ("torch.optim.SGD", 0.1)
    text = "import hydra\nx = hydra.utils.instantiate({'_target_': 'nets.Net', 'n': 3, '_partial_': P})"
    nets = "class Net:\n    def __init__(self, n, m=1):\n        self.n, self.m = n, m\n"
    assert value_of(text.replace("P}", "False}") + ".n", nets_dot_py=nets) == 3
    assert value_of(text.replace("P}", "True}") + "(m=4).m", nets_dot_py=nets) == 4
    assert value_of("import hydra\nx = hydra.utils.instantiate({'a': 1})['a']") == 1
    assert value_of("import hydra\nx = hydra.utils.get_class('nets.Net')(5).n", nets_dot_py=nets) == 5


def test_a_dataclass_may_be_the_configuration(value_of):
    text = """
from dataclasses import dataclass
import hydra
from hydra.core.config_store import ConfigStore
@dataclass
class C:
    lr: float = 0.3
ConfigStore.instance().store(name="config", node=C)
@hydra.main(version_base=None, config_name="config")
def main(cfg):
    global x
    x = cfg.lr
main()
"""
    assert value_of(text) == 0.3
    assert value_of(text, ["lr=2"]) == 2


GROUPED = {
    "conf__config_dot_yaml": "defaults:\n  - model: net\n  - optional local: gone\n  - override hydra/launcher: x\n"
    "  - _self_\nepochs: 5\nmust: ???\n",
    "conf__model__net_dot_yaml": "defaults:\n  - head: small\n  - /optim@extra: sgd\nwidth: 3\n",
    "conf__model__head__small_dot_yaml": "size: 1\n",
    "conf__model__head__big_dot_yaml": "size: 9\n",
    "conf__optim__sgd_dot_yaml": "lr: 0.1\n",
    "conf__optim__adam_dot_yaml": "# @package optim\nlr: 0.2\n",
    "conf__experiment__long_dot_yaml": "# @package _global_\ndefaults:\n  - override /model/head: big\nepochs: 90\n",
}


@pytest.mark.parametrize(
    ("expression", "words", "expected"),
    [
        ("(cfg.model.width, cfg.model.head.size, cfg.model.extra.lr)", [], (3, 1, 0.1)),
        ("cfg.model.head.size", ["model/head=big"], 9),
        ("(cfg.model.head.size, cfg.epochs)", ["+experiment=long"], (9, 90)),
        ("(cfg.model.head.size, cfg.epochs)", ["+experiment=long", "epochs=3", "model/head=small"], (1, 3)),
        ("cfg.optim.lr", ["+optim=adam"], 0.2),
        ("cfg.must", ["must=[1, 2]"], [1, 2]),
        ("cfg.epochs", ["-cn", "other"], 77),
        ("'model' in cfg", ["~model"], False),
    ],
)
def test_groups_within_groups_and_overrides(value_of, expression, words, expected):
    assert value_of(app(expression), words, **GROUPED, conf__other_dot_yaml="epochs: 77\n") == expected


def test_what_has_to_be_given_is_unknown(names):
    assert "has to be given" in clause(names(app("cfg.must"), **GROUPED)["x"])


def test_a_group_that_is_not_there_leaves_the_rest_known(read, value_of):
    files = {"conf__config_dot_yaml": "defaults:\n  - model: gone\n  - _self_\nepochs: 5\n"}
    assert value_of(app("cfg.epochs"), **files) == 5
    assert any("model/gone.yaml was not found" in note for note in read(app("cfg.epochs"), **files).notes)


def test_dataclasses_by_groups(value_of):
    text = """
from dataclasses import dataclass, field
from typing import Any
import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING
@dataclass
class Opt:
    lr: float = 0.1
@dataclass
class Fast(Opt):
    lr: float = 0.5
@dataclass
class C:
    defaults: list = field(default_factory=lambda: ["_self_", {"opt": "slow"}])
    opt: Any = MISSING
    n: int = 3
s = ConfigStore.instance()
s.store(name="config", node=C)
s.store(group="opt", name="slow", node=Opt)
s.store("fast", Fast, "opt")
@hydra.main(version_base=None, config_name="config")
def main(cfg):
    global x
    x = (cfg.opt.lr, cfg.n)
main()
"""
    assert value_of(text) == (0.1, 3)
    assert value_of(text, ["opt=fast", "n=4"]) == (0.5, 4)


def test_compose_takes_its_overrides(value_of):
    text = "import hydra\nwith hydra.initialize(config_path='conf'):\n"
    text += "    x = hydra.compose(config_name='config', overrides=['lr=4']).optimizer.lr"
    assert value_of(text, **CONF) == 4
