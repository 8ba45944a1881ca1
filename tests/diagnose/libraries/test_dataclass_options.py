"""Dataclasses that libraries fill: from the command line, from files, from both, in depth."""

import pytest

from diagnose.interpreter.values import clause, plain

CLASS = "from dataclasses import dataclass\n@dataclass\nclass C:\n    lr: float = 0.1\n    big: bool = False\n"
DEEP = """
from dataclasses import dataclass, field
from typing import Optional
@dataclass
class Data:
    size: int = 224
    sizes: list = field(default_factory=lambda: [1, 2])
@dataclass
class C:
    data: Data = field(default_factory=lambda: Data(size=96))
    more: Optional[Data] = None
    lr: float = 0.1
    batch: int = 8
    scaled: float = 0.0
    def __post_init__(self):
        self.scaled = self.lr * self.batch
"""
TYRO = DEEP + "import tyro\nc = tyro.cli(C)\nx = "
MODEL = "from pydantic import BaseModel\nclass D(BaseModel):\n    size: int = 1\nclass C(BaseModel):\n    d: D = D()\n"
MODEL += "    lr: float = 0.1\n"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (CLASS + "import tyro\nc = tyro.cli(C)\nx = (c.lr, c.big)", "--lr 2 --big", (2, True)),
        (CLASS + "import pyrallis\n@pyrallis.wrap()\ndef main(c: C):\n    global x\n    x = c.lr\nmain()", "--lr 2", 2),
        (CLASS + "import pyrallis\n@pyrallis.wrap()\ndef main(c: C):\n    global x\n    x = c.lr\nmain()",
         "--config_path a.yaml", 0.7),
        (CLASS + "from transformers import HfArgumentParser\nx = HfArgumentParser(C).parse_args_into_dataclasses()[0].lr",
         "--lr 2", 2),
        (CLASS + "from transformers import HfArgumentParser\nx = HfArgumentParser((C,)).parse_yaml_file('a.yaml')[0].lr",
         "", 0.7),
        (CLASS + "from transformers import HfArgumentParser\nx = HfArgumentParser(C).parse_dict({'lr': 3})[0].lr", "", 3),
        (TYRO + "(c.data.size, c.lr, c.scaled)", "", (96, 0.1, 0.8)),
        (TYRO + "(c.data.size, c.scaled)", "--data.size 64 --lr 0.5", (64, 4.0)),
        (TYRO + "c.data.sizes", "--data.sizes 3 4 --lr 1", [3, 4]),
        (TYRO + "c.more.size", "--more.size 5", 5),
        (TYRO + "c.data.size", "--data.sizes 3", 96),
        (CLASS + "import tyro\nc = tyro.cli(C, default=C(lr=3.0))\nx = (c.lr, c.big)", "--big", (3.0, True)),
        (CLASS + "import tyro\nx = tyro.cli(C).big", "--no-big", False),
        (CLASS + "import tyro\ndef f(c: C, n: int = 2):\n    return (c.lr, n)\nx = tyro.cli(f)", "--c.lr 2 --n 5", (2, 5)),
        (CLASS + "import tyro\nK = {'a': ('', C()), 'b': ('', C(lr=7.0))}\n"
         "x = tyro.extras.overridable_config_cli(K).lr", "b", 7.0),
        (CLASS + "import draccus\nx = draccus.parse(C).lr", "--config_path a.yaml", 0.7),
        (CLASS + "import draccus\nx = draccus.parse(C).lr", "--config_path=a.yaml --lr 2", 2),
        (CLASS + "import pyrallis\nx = pyrallis.parse(config_class=C, config_path='a.yaml').lr", "", 0.7),
        (CLASS + "import pyrallis\nx = pyrallis.load(C, open('a.yaml')).lr", "", 0.7),
        (CLASS + "from simple_parsing import ArgumentParser\np = ArgumentParser()\np.add_arguments(C, dest='c')\n"
         "p.add_argument('--n', type=int, default=1)\na = p.parse_args()\nx = (a.c.lr, a.n)", "--lr 2 --n 3", (2, 3)),
        (CLASS + "import dacite\nx = dacite.from_dict(C, {'lr': 3}).lr", "", 3),
        (MODEL + "c = C(**{'d': {'size': 3}})\nx = (c.d.size, c.lr)", "", (3, 0.1)),
        (MODEL + "x = C.model_validate({'lr': 3}).lr", "", 3),
        (MODEL + "x = C.parse_file('a.yaml').lr", "", 0.7),
        ("from pydantic_settings import BaseSettings\nclass C(BaseSettings, cli_parse_args=True):\n    lr: float = 0.1\n"
         "x = C(_cli_parse_args=True).lr", "--lr 2", 2),
    ],
)  # fmt: skip
def test_words_are_over_files_and_these_over_defaults(value_of, text, words, expected):
    assert value_of("x = None\n" + text, words.split(), a_dot_yaml="lr: 0.7\n") == expected


def test_a_file_that_is_not_there_is_unknown(names):
    for text in (
        "from transformers import HfArgumentParser\nx = HfArgumentParser(C).parse_json_file('gone.json')[0].lr",
        "import draccus\nx = draccus.parse(C, config_path='gone.yaml').lr",
        "import pyrallis\nx = pyrallis.load(C, open('gone.yaml')).lr",
    ):
        assert "not found" in clause(names(CLASS + text)["x"])


def test_arguments_of_a_library_take_the_words(names):
    text = "from transformers import HfArgumentParser, TrainingArguments\n"
    text += "x, = HfArgumentParser(TrainingArguments).parse_args_into_dataclasses()"
    made = names(text, ["--learning_rate", "1e-4", "--do_train", "--seed=3"])["x"]
    assert {name: plain(value) for name, value in made.kwargs.items()} == {
        "learning_rate": 1e-4, "do_train": True, "seed": 3}  # fmt: skip
