"""Command lines without argparse: click, typer, fire, absl, parsers over dataclasses, gin, sys.argv."""

import pytest

from diagnose.interpreter.values import plain, reason

CLASS = "from dataclasses import dataclass\n@dataclass\nclass C:\n    lr: float = 0.1\n    big: bool = False\n"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("import click\n@click.command()\n@click.option('--lr', default=0.1)\n@click.option('--big/--small')\n"
         "def main(lr, big):\n    global x\n    x = (lr, big)\nmain()", "--lr 2", (2, False)),
        ("import typer\ndef main(lr: float = 0.1):\n    global x\n    x = lr\ntyper.run(main)", "--lr 2", 2),
        ("import typer\napp = typer.Typer()\n@app.command()\ndef main(lr: float = typer.Option(0.1)):\n"
         "    global x\n    x = lr\napp()", "--lr=2", 2),
        ("import fire\ndef main(lr_rate=0.1):\n    global x\n    x = lr_rate\nfire.Fire(main)", "--lr-rate 2", 2),
        ("from absl import app, flags\nflags.DEFINE_float('lr', 0.1, '')\nF = flags.FLAGS\nx = F.lr", "--lr 2", 2),
        (CLASS + "import tyro\nc = tyro.cli(C)\nx = (c.lr, c.big)", "--lr 2 --big", (2, True)),
        (CLASS + "import pyrallis\n@pyrallis.wrap()\ndef main(c: C):\n    global x\n    x = c.lr\nmain()", "--lr 2", 2),
        (CLASS + "import pyrallis\n@pyrallis.wrap()\ndef main(c: C):\n    global x\n    x = c.lr\nmain()",
         "--config_path a.yaml", 0.7),
        (CLASS + "from transformers import HfArgumentParser\nx = HfArgumentParser(C).parse_args_into_dataclasses()[0].lr",
         "--lr 2", 2),
        (CLASS + "from transformers import HfArgumentParser\nx = HfArgumentParser((C,)).parse_yaml_file('a.yaml')[0].lr",
         "", 0.7),
        (CLASS + "from transformers import HfArgumentParser\nx = HfArgumentParser(C).parse_dict({'lr': 3})[0].lr", "", 3),
        ("import sys\nx = sys.argv[1]", "big", "big"),
        ("from sys import argv\nx = argv[1] if len(argv) > 1 else 'small'", "", "small"),
    ],
)  # fmt: skip
def test_words_are_over_defaults(told, text, words, expected):
    assert told("x = None\n" + text, words.split(), a_dot_yaml="lr: 0.7\n") == expected


def test_what_is_missing_is_unknown(names):
    found = names("import sys\nx = sys.argv[1]")["x"]
    assert "give it after the program" in reason(found)
    text = (
        CLASS + "from transformers import HfArgumentParser\nx = HfArgumentParser(C).parse_json_file('gone.json')[0].lr"
    )
    assert "not found" in reason(names(text)["x"])
    text = (
        "import click\n@click.command()\n@click.option('--lr')\ndef main(lr):\n    global x\n    x = lr\nx = 1\nmain()"
    )
    assert "no default" in reason(names(text)["x"])


def test_what_gin_may_set_is_unknown(read):
    reader = read("import gin\n@gin.configurable\ndef f(lr=0.1):\n    return lr\n"
                  "gin.parse_config_file('a.gin')\nx = f()\ny = f(lr=3)")  # fmt: skip
    found = next(iter(reader.modules.values())).names
    assert "gin" in reason(found["x"])
    assert plain(found["y"]) == 3
    assert any("a.gin is not read" in note for note in reader.notes)


def test_arguments_of_a_library_take_the_words(names):
    text = "from transformers import HfArgumentParser, TrainingArguments\n"
    text += "x, = HfArgumentParser(TrainingArguments).parse_args_into_dataclasses()"
    made = names(text, ["--learning_rate", "1e-4", "--do_train", "--seed=3"])["x"]
    assert {name: plain(value) for name, value in made.kwargs.items()} == {
        "learning_rate": 1e-4, "do_train": True, "seed": 3}  # fmt: skip
