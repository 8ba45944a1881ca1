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
