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


def test_own_decorators_do_what_they_do(tmp_path):
    text = """
KNOWN = {}
def register(name=None):
    def keep(made):
        KNOWN[name or made.__name__] = made
        return made
    return keep
def timed(function):
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner
class Registry:
    def __init__(self):
        self.parts = {}
    def add(self, made):
        self.parts["only"] = made
        return made
REGISTRY = Registry()
@register("one")
def first(n=1):
    return n
@register()
class Second:
    def __init__(self, n=2):
        self.n = n
@timed
def third(n=3):
    return n
@REGISTRY.add
def fourth(n=4):
    return n
x = (KNOWN["one"](), KNOWN["Second"]().n, third(), REGISTRY.parts["only"]())
"""
    assert plain(names(followed(tmp_path, text))["x"]) == (1, 2, 3, 4)


def test_a_librarys_decorator_may_be_called_by_hand(tmp_path):
    text = "import click\ndef main(**given):\n    global x\n    x = given['lr']\nx = None\n"
    text += "main = click.command()(click.option('--lr', default=0.5)(main))\nmain()"
    assert plain(names(followed(tmp_path, text))["x"]) == 0.5
