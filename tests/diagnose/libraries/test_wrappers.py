"""Wrappers that are looked through, launchers and closures."""

import pytest

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Ref, Thing, plain, unknown
from diagnose.libraries.wrappers import is_no_grad
from diagnose.model import Location

AT = Location("a.py", 1)

HEAD = "import torch, torchvision\nnet = torchvision.models.resnet18()\n"


@pytest.mark.parametrize(
    "wrapped",
    [
        "torch.nn.DataParallel(net)",
        "torch.compile(net)",
        "torch.nn.parallel.DistributedDataParallel(module=net)",
        "net.to('cuda').train().requires_grad_(False)",
        "accelerator.prepare(net)",
        "accelerator.unwrap_model(net)",
    ],
)
def test_wrappers_are_the_network(names, wrapped):
    found = names(f"{HEAD}import accelerate\naccelerator = accelerate.Accelerator()\nx = {wrapped}")
    assert found["x"] is found["net"]


def test_several_things_are_prepared_at_once(names):
    found = names(f"{HEAD}import accelerate\na = accelerate.Accelerator()\nx, y = a.prepare(net, 3)")
    assert (found["x"] is found["net"], plain(found["y"])) == (True, 3)


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ndef main(rank, lr):\n    global x\n    x = lr\ntorch.multiprocessing.spawn(main, args=(3,), nprocs=2)",
        "from accelerate import notebook_launcher\ndef main(lr):\n    global x\n    x = lr\nnotebook_launcher(main, (3,))",
        "import torch\ndef main():\n    global x\n    x = 3\ntorch.optim.LBFGS([]).step(main)",
    ],
)
def test_functions_that_are_handed_over_are_called(value_of, text):
    assert value_of("x = None\n" + text) == 3


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("'linear'", "transformers.get_linear_schedule_with_warmup"),
        ("'cosine_with_restarts'", "transformers.CosineAnnealingWarmRestarts"),
        ("open('n').read()", "transformers.get_scheduler"),
    ],
)
def test_a_schedule_by_its_name(names, name, made):
    text = f"{HEAD}from transformers import get_scheduler\nopt = torch.optim.SGD(net.parameters())\n"
    assert names(text + f"x = get_scheduler({name}, opt, num_training_steps=9)")["x"].name == made


def test_parts_of_a_network(names):
    found = names(f"{HEAD}x = [n for n, _ in net.named_children()]\ny = len(list(net.parameters()))\nz = net.modules()")
    assert plain(found["x"])[-2:] == ["avgpool", "fc"]
    assert plain(found["y"]) == 62  # as torchvision's has
    assert found["z"].items[0] is found["net"]


def test_an_accelerator_is_there_in_the_run_that_is_read_for(value_of):
    assert value_of("import torch\nx = torch.cuda.is_available()") is True


@pytest.mark.parametrize(
    ("value", "off"),
    [
        (Ref(AT, "torch.no_grad"), True),
        (Thing(AT, name="torch.inference_mode"), True),
        (Thing(AT, name="torch.set_grad_enabled", args=(Const(AT, False),)), True),
        (Thing(AT, name="torch.set_grad_enabled", args=(Const(AT, True),)), False),
        (Thing(AT, name="torch.set_grad_enabled", args=(unknown(Reason.RUN, "x", AT),)), False),
        (Thing(AT, name="torch.autocast"), False),
        (Const(AT, 1), False),
    ],
)
def test_which_contexts_stop_gradients(value, off):
    assert is_no_grad(value) is off
