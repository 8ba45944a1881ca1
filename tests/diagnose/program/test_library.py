"""Where the program meets a library: names, decorators, contexts without gradients, networks' names."""

import pytest
from small_programs import followed, names

from diagnose.model import Location
from diagnose.program.library import HANDLERS, canonical, decorator_name, handles, is_no_grad, star_home
from diagnose.program.values import Const, Ref, Thing, plain

AT = Location("a.py", 1)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("tensorflow.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.keras", "keras"),
        ("tf_keras.Model", "keras.Model"),
        ("pytorch_lightning.Trainer", "lightning.Trainer"),
        ("lightning.pytorch.Trainer", "lightning.Trainer"),
        ("torch.utils.tensorboard.SummaryWriter", "tensorboard.SummaryWriter"),
        ("torch.nn.Linear", "torch.nn.Linear"),
    ],
)
def test_one_library_under_several_names_has_one(name, own):
    assert canonical(name) == own


@pytest.mark.parametrize(
    ("value", "off"),
    [
        (Ref(AT, "torch.no_grad"), True),
        (Thing(AT, name="torch.inference_mode"), True),
        (Thing(AT, name="torch.set_grad_enabled", args=(Const(AT, False),)), True),
        (Thing(AT, name="torch.set_grad_enabled", args=(Const(AT, True),)), False),
        (Thing(AT, name="torch.set_grad_enabled", args=(Thing(AT, why="x"),)), False),
        (Thing(AT, name="torch.autocast"), False),
        (Const(AT, 1), False),
    ],
)
def test_which_contexts_stop_gradients(value, off):
    assert is_no_grad(value) is off


@pytest.mark.parametrize(
    ("name", "stars", "home"),
    [("SGD", ["torch.optim", "torch.nn"], "torch.optim"), ("resnet18", ["torchvision.models", "torch.nn"],
     "torchvision.models"), ("Linear", ["torch.optim", "torch.nn"], "torch.nn")],
)  # fmt: skip
def test_the_likeliest_home_of_a_name_from_a_star(name, stars, home):
    assert star_home(name, stars) == home


def test_a_handler_is_registered_for_each_of_its_names():
    try:

        @handles("example.one", "*.ExampleTwo")
        def told(reader, base, call):
            return None

        assert HANDLERS["example.one"] is HANDLERS["*.ExampleTwo"] is told
    finally:
        HANDLERS.pop("example.one", None)
        HANDLERS.pop("*.ExampleTwo", None)


def test_a_decorators_name():
    assert (decorator_name(Ref(AT, "a.b")), decorator_name(Const(AT, 1))) == ("a.b", "")


@pytest.mark.parametrize(
    ("maker", "name"), [("ResNet9", "ResNet9"), ("build_model", None), ("make_net", None), ("get", None)]
)
def test_a_network_takes_the_name_of_the_function_that_makes_it_where_that_is_one(tmp_path, maker, name):
    text = f"from torch import nn\nclass Net(nn.Module):\n    pass\ndef {maker}():\n    return Net()\nx = {maker}()"
    found = names(followed(tmp_path, text))["x"].attrs.get("__maker__")
    assert plain(found) == name


@pytest.mark.parametrize("end", ["sys.exit(1)", "exit()", "os._exit(0)", "raise SystemExit"])
def test_nothing_after_the_end_of_a_program_is_read(tmp_path, end):
    assert plain(names(followed(tmp_path, f"import sys, os\nx = 1\n{end}\nx = 2"))["x"]) == 1


def test_an_option_of_typer_is_its_default(tmp_path):
    text = "import typer\napp = typer.Typer()\n@app.command()\ndef main(lr: float = typer.Option(0.1)):\n" + (
        "    global x\n    x = lr\nx = None\napp()"
    )
    assert plain(names(followed(tmp_path, text))["x"]) == 0.1


def test_a_method_of_a_librarys_base_is_called_on_the_object(tmp_path):
    text = "from torch import nn\nclass Net(nn.Module):\n    def train(self, mode=True):\n        super().train(mode)\n"
    text += "Net().train()"
    (event,) = [event for event in followed(tmp_path, text).events if event.name == ".train"]
    assert event.target.cls.name == "Net"
