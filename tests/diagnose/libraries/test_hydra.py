"""Hydra: files composed by groups and words, and the objects that nodes name."""

import pytest

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
def test_files_groups_and_words(told, expression, words, expected):
    assert told(app(expression), words, **CONF) == expected


def test_a_group_may_be_placed_globally_and_inherit(told):
    files = {
        "conf__config_dot_yaml": "defaults:\n  - base\n  - experiment: null\n  - _self_\nlr: 0.1\n",
        "conf__base_dot_yaml": "epochs: 3\nlr: 9\n",
        "conf__experiment__big_dot_yaml": "# @package _global_\nepochs: 30\n",
    }
    assert told(app("(cfg.lr, cfg.epochs)"), **files) == (0.1, 3)
    text = app("cfg.epochs")
    files["conf__config_dot_yaml"] = "defaults:\n  - base\n  - experiment@_global_: big\n  - _self_\nlr: 0.1\n"
    assert told(text, **files) == 30


def test_a_configuration_that_is_not_there_is_noted(read):
    reader = read(app("cfg.lr"))
    assert any("conf/config.yaml was not found" in note for note in reader.notes)


def test_nodes_become_what_they_name(names, told):
    made = names(app("hydra.utils.instantiate(cfg.optimizer, params=[])"), **CONF)["x"]
    assert (made.name, made.kwargs["lr"].data) == ("torch.optim.SGD", 0.1)
    text = "import hydra\nx = hydra.utils.instantiate({'_target_': 'nets.Net', 'n': 3, '_partial_': P})"
    nets = "class Net:\n    def __init__(self, n, m=1):\n        self.n, self.m = n, m\n"
    assert told(text.replace("P}", "False}") + ".n", nets_dot_py=nets) == 3
    assert told(text.replace("P}", "True}") + "(m=4).m", nets_dot_py=nets) == 4
    assert told("import hydra\nx = hydra.utils.instantiate({'a': 1})['a']") == 1
    assert told("import hydra\nx = hydra.utils.get_class('nets.Net')(5).n", nets_dot_py=nets) == 5


def test_a_dataclass_may_be_the_configuration(told):
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
    assert told(text) == 0.3
    assert told(text, ["lr=2"]) == 2


def test_compose_takes_its_overrides(told):
    text = "import hydra\nwith hydra.initialize(config_path='conf'):\n"
    text += "    x = hydra.compose(config_name='config', overrides=['lr=4']).optimizer.lr"
    assert told(text, **CONF) == 4
