"""Decorators and methods of the program's own functions."""

from small_programs import followed, names

from diagnose.interpreter.functions import decorator_name
from diagnose.interpreter.values import Const, Ref, plain
from diagnose.model import Location

AT = Location("a.py", 1)


def test_a_decorators_name():
    assert (decorator_name(Ref(AT, "a.b")), decorator_name(Const(AT, 1))) == ("a.b", "")


def test_an_option_of_typer_is_its_default(tmp_path):
    text = "import typer\napp = typer.Typer()\n@app.command()\ndef main(lr: float = typer.Option(0.1)):\n" + (
        "    global x\n    x = lr\nx = None\napp()"
    )
    assert plain(names(followed(tmp_path, text))["x"]) == 0.1
