"""Command lines without argparse: click, typer, fire, absl, gin, sys.argv."""

import pytest

from diagnose.interpreter.values import clause, plain


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
        ("import sys\nx = sys.argv[1]", "big", "big"),
        ("from sys import argv\nx = argv[1] if len(argv) > 1 else 'small'", "", "small"),
    ],
)  # fmt: skip
def test_words_are_over_defaults(value_of, text, words, expected):
    assert value_of("x = None\n" + text, words.split(), a_dot_yaml="lr: 0.7\n") == expected


def test_what_is_missing_is_unknown(names):
    found = names("import sys\nx = sys.argv[1]")["x"]
    assert "give it after the program" in clause(found)
    text = (
        "import click\n@click.command()\n@click.option('--lr')\ndef main(lr):\n    global x\n    x = lr\nx = 1\nmain()"
    )
    assert "no default" in clause(names(text)["x"])


def test_what_gin_may_set_is_unknown(read):
    reader = read("import gin\n@gin.configurable\ndef f(lr=0.1):\n    return lr\n"
                  "gin.parse_config_file('a.gin')\nx = f()\ny = f(lr=3)")  # fmt: skip
    found = next(iter(reader.modules.values())).names
    assert "gin" in clause(found["x"])
    assert plain(found["y"]) == 3
    assert any("a.gin is not read" in note for note in reader.notes)
