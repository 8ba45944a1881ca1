"""Parts of programs: what is left out is stated, and nothing absent is claimed of it."""

import pytest

from diagnose.config.read import read_configuration
from diagnose.model import HIDDEN, InputError, NotExamined

PIECE = """# Transfer learning with ResNet50
import torch
from torchvision import models
model = models.resnet50(weights=None)
model.fc = torch.nn.Linear(2048, 7)
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
"""
LOOP = """
import torch
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(10):
    for images, labels in train_loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
"""


@pytest.fixture
def read(tmp_path):
    def reading(text):
        path = tmp_path / "part.py"
        path.write_text(text)
        return read_configuration(str(path))

    return reading


def test_a_network_and_an_optimizer_without_a_loop(read):
    reading = read(PIECE)
    config = reading.config
    assert (config.weights.value, config.model.value, config.method.value) == ("none", "resnet50", "transfer")
    assert (config.optimizer.value, config.learning_rate.value, config.head.value) == ("adam", 0.002, 7)
    for name in ("epochs", "loss", "shuffle", "scaling", "train_augmentations", "output_activation"):
        assert not getattr(config, name).known
    assert "part.py does not show the training loop" in reading.notes[0]


def test_an_optimizer_for_one_of_two_networks(read):
    config = read(PIECE + "other = models.resnet18()\n").config
    assert "several networks" in config.weights.why
    assert config.optimizer.value == "adam"


def test_without_an_optimizer_there_is_no_training(read):
    with pytest.raises(InputError, match="no training was found"):
        read("from torchvision import models\nmodel = models.resnet50()\nmodel.eval()\n")


@pytest.mark.parametrize("topic", sorted(HIDDEN))
def test_a_loop_over_what_is_defined_nowhere_claims_nothing_absent(read, topic):
    reading = read(LOOP)
    assert (reading.config.optimizer.value, reading.config.epochs.value) == ("sgd", 10)
    assert "`model`, `train_loader`" in reading.notes[-1]
    with pytest.raises(NotExamined, match="was not followed"):
        reading.program.require_complete(topic)


def test_names_that_some_line_defines_are_not_left_out(read):
    named = """
import os as system, torch.utils
from torch import *
def use(given, *rest, **more):
    global later
    try:
        later = given
    except OSError as fault:
        print(fault)
    match given:
        case [first, *others]:
            print(first, others)
    with open("x") as file:
        return [one for one in file if (last := one)]
class Box: pass
"""
    lost = read(LOOP + named + "model = train_loader = None\n").program.unfollowed
    assert {one.what for one in lost} <= {"a function that is not known"}  # the call of what `model` stands for


PART = """
import torch
def validate(model, batches):
    model.eval()
    with torch.no_grad():
        return sum(int((model(images).argmax(1) == labels).sum()) for images, labels in batches)
def train_epoch(model, loader, optimizer):
    model.train()
    for images, labels in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
"""


def test_what_calls_a_function_that_trains_may_do_what_is_absent_here(read):
    program = read(PART).program
    with pytest.raises(NotExamined, match=r"what calls train_epoch\(\)"):
        program.require_complete("validation")
    program.require_complete("zero_grad")  # between two batches nothing of the caller's stands


def test_a_function_without_parameters_is_the_program(read):
    main = "def main():\n    train_epoch(torch.nn.Linear(2, 2), [], torch.optim.SGD([torch.zeros(1)], 0.1))\n"
    assert not any("what calls" in one.what for one in read(PART + main).program.unfollowed)


def test_what_calls_a_function_is_read_before_it(read):
    run = (
        "def run(model, loader, held_out, optimizer):\n    for epoch in range(7):\n"
        "        train_epoch(model, loader, optimizer)\n        validate(model, held_out)\n"
    )
    reading = read(PART + run)
    assert (reading.config.epochs.value, reading.program.validates) == (7, True)
