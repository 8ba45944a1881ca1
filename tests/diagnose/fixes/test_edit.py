import json
import stat

import pytest

from diagnose.config.read import read_configuration
from diagnose.fixes.draft import CannotEdit
from diagnose.fixes.edit import as_settings, canonical, edits
from diagnose.model import InputError

YAML = """\
# mine
method: transfer   # or so it says
weights: none
optimizer: {name: sgd, lr: 10, momentum: 0.9}
scaling: none
mean: none
frozen:
  - layer1
  - layer2
head: 8
"""


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def changed(path, **values):
    (edit,) = edits(str(path), values)
    return [line for line in edit.diff.splitlines()[2:] if line[0] in "+-"]


def test_the_value_alone_is_replaced_on_its_line(file):
    path = file("a.yaml", YAML)
    assert changed(path, weights="imagenet") == ["-weights: none", "+weights: imagenet"]
    assert changed(path, learning_rate=0.01) == [
        "-optimizer: {name: sgd, lr: 10, momentum: 0.9}",
        "+optimizer: {name: sgd, lr: 0.01, momentum: 0.9}",
    ]
    assert changed(path, scaling=("1/255",), mean=(0.5, 0.25, 0.125)) == [
        "-scaling: none", "-mean: none", "+scaling: 1/255", "+mean: [0.5, 0.25, 0.125]",
    ]  # fmt: skip


def test_a_comment_behind_the_value_stays(file):
    assert changed(file("a.yaml", YAML), method="scratch")[1] == "+method: scratch   # or so it says"


def test_a_field_that_is_missing_is_added(file):
    assert changed(file("a.yaml", YAML), drop_last=True) == ["+drop_last: true"]
    assert changed(file("a.toml", 'weights = "none"\n[optimizer]\nlr = 10\n'), drop_last=True) == ["+drop_last = true"]
    assert changed(file("a.json", '{\n  "weights": null\n}\n'), drop_last=True) == ['+  "drop_last": true,']


def test_toml_and_json_stay_what_they_are(file):
    toml = file("a.toml", 'weights = "none"  # hm\n[optimizer]\nlr = 10\n')
    assert changed(toml, weights="imagenet", learning_rate=0.01) == [
        '-weights = "none"  # hm', '+weights = "imagenet"  # hm', "-lr = 10", "+lr = 0.01",
    ]  # fmt: skip
    (edit,) = edits(str(file("a.json", '{"weights": null, "lr": 1e1, "mean": [1, 2, 3]}')), {"mean": (0.1, 0.2, 0.3)})
    assert json.loads(edit.after) == {"weights": None, "lr": 10.0, "mean": [0.1, 0.2, 0.3]}


@pytest.mark.parametrize("rate", [1e-7, 3e-05, 0.001, 1.0, 3e5])
@pytest.mark.parametrize("name", ["a.yaml", "a.toml", "a.json"])
def test_a_rate_is_read_again_as_the_number_it_was(file, name, rate):
    text = {"a.yaml": "lr: 10\n", "a.toml": "lr = 10.0\n", "a.json": '{"lr": 10}'}[name]
    path = file(name, text)
    (edit,) = edits(str(path), {"learning_rate": rate})
    edit.write()
    assert read_configuration(str(path)).config.learning_rate.value == rate


def test_a_value_over_several_lines_is_refused(file):
    with pytest.raises(CannotEdit):
        edits(str(file("a.yaml", YAML)), {"frozen": ()})


def test_nothing_to_change_is_no_edit(file):
    assert edits(str(file("a.yaml", YAML)), {"head": 8}) == ()


def test_a_value_that_the_configuration_would_refuse_is_refused(file):
    with pytest.raises(InputError):
        edits(str(file("a.yaml", YAML)), {"learning_rate": -1.0})


PROGRAM = """\
import torch, torchvision
from options import rate
from torch.utils.data import DataLoader

data = torchvision.datasets.FakeData()
loader = DataLoader(data, batch_size=32, shuffle=False)
model = torchvision.models.resnet50(weights=None)
optimizer = torch.optim.SGD(model.parameters(), lr=rate)
for images, labels in loader:
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
"""


def test_a_program_is_changed_at_the_literal(file):
    file("options.py", "rate = 10.0  # steep\n")
    path = file("train.py", PROGRAM)
    assert changed(path, weights="imagenet")[1] == '+model = torchvision.models.resnet50(weights="DEFAULT")'
    assert changed(path, shuffle=True)[1] == "+loader = DataLoader(data, batch_size=32, shuffle=True)"
    assert changed(path, learning_rate=0.01) == ["-rate = 10.0  # steep", "+rate = 0.01  # steep"]


def test_what_stands_in_no_literal_is_refused(file):
    path = file("train.py", PROGRAM.replace("lr=rate", "lr=5.0 * 2"))
    with pytest.raises(CannotEdit, match="one plain value"):
        edits(str(path), {"learning_rate": 0.01})


def test_what_the_command_line_overrules_is_refused(file):
    text = PROGRAM.replace("from options import rate", "import argparse\np = argparse.ArgumentParser()\n"
                           'p.add_argument("--lr", type=float, default=10.0)\nrate = p.parse_args().lr')  # fmt: skip
    path = file("train.py", text)
    with pytest.raises(CannotEdit):
        edits(f"{path} --lr 5", {"learning_rate": 0.01})


def test_a_notebook_is_not_written_to(file):
    cell = {"cell_type": "code", "source": [PROGRAM.replace("from options import rate", "rate = 10.0")], "metadata": {}}
    path = file("a.ipynb", json.dumps({"cells": [cell], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}))
    with pytest.raises(CannotEdit, match="notebooks"):
        edits(str(path), {"learning_rate": 0.01})


def test_writing_keeps_every_earlier_file(file, tmp_path):
    path = file("a.yaml", YAML)
    path.chmod(0o640)
    for value in ("imagenet", "DEFAULT"):
        (edit,) = edits(str(path), {"weights": value})
        edit.write()
    assert (tmp_path / "a.yaml.orig").read_text() == YAML
    assert "weights: imagenet" in (tmp_path / "a.yaml.orig1").read_text()
    assert "weights: DEFAULT" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.yaml", "a.yaml.orig", "a.yaml.orig1"]


def test_a_file_that_changed_meanwhile_is_left_alone(file):
    path = file("a.yaml", YAML)
    (edit,) = edits(str(path), {"weights": "imagenet"})
    path.write_text("weights: none\n")
    with pytest.raises(InputError, match="changed meanwhile"):
        edit.write()
    assert path.read_text() == "weights: none\n"


def test_a_diff_of_a_file_without_a_last_newline_can_be_applied(file):
    (edit,) = edits(str(file("a.yaml", "weights: none")), {"weights": "imagenet"})
    assert edit.diff.count("\\ No newline at end of file") == 2


def test_changes_in_the_words_of_set_are_read_as_meant():
    changes = {"learning_rate": 1e-05, "scaling": ("1/255",), "mean": (), "weights": "imagenet", "shuffle": True}
    from diagnose.config.file import BY_HAND, config_of
    from diagnose.config.read import assignment

    config = config_of([assignment(text) for text in as_settings(changes)], BY_HAND)
    assert {name: getattr(config, name).value for name in changes} == canonical(changes) == changes


@pytest.mark.parametrize(
    ("call", "written"),
    [
        ("models.resnet50(weights=None)", 'models.resnet50(weights="DEFAULT")'),
        ("models.resnet50(weights=None, num_classes=1000)", 'models.resnet50(weights="DEFAULT", num_classes=1000)'),
        ("timm.create_model('resnet50', pretrained=False, num_classes=5)",
         "timm.create_model('resnet50', pretrained=True, num_classes=5)"),
        ("models.resnet50(weights=None, num_classes=5)", "1000 outputs and the call asks for 5"),
    ],
)  # fmt: skip
def test_weights_are_written_only_where_the_call_takes_them(file, call, written):
    text = TORCH.replace("NETWORK", call)
    path = file("train.py", text)
    if "create_model" not in written and "resnet50(" not in written:
        with pytest.raises(CannotEdit, match=written):
            edits(str(path), {"weights": "imagenet"})
    else:
        ((edit),) = edits(str(path), {"weights": "imagenet"})
        assert edit.after == text.replace(call, written)


@pytest.mark.parametrize("more", ["classes=5", "include_top=False, input_shape=(224, 224, 1)"])
def test_keras_refuses_weights_that_do_not_fit_its_call(file, more):
    path = file("train.py", KERAS.replace("MORE", more))
    with pytest.raises(CannotEdit, match="the weights"):
        edits(str(path), {"weights": "imagenet"})


def test_a_pair_of_sides_is_one_value(file):
    text = SIZED.replace("SIZE", "(64, 64)")
    ((edit),) = edits(str(file("train.py", text)), {"input_size": 224})
    assert edit.after == SIZED.replace("SIZE", "(224, 224)")


def test_last_batches_are_dropped_only_where_one_loader_is_made(file):
    plain = "loader = DataLoader(ImageFolder('train', steps), batch_size=8, shuffle=True)"
    both = (
        "loader = {k: DataLoader(ImageFolder(k, steps), batch_size=8, shuffle=True) for k in ('train', 'val')}['train']"
    )
    text = SIZED.replace("SIZE", "64")
    ((edit),) = edits(str(file("one.py", text)), {"drop_last": True})
    assert "shuffle=True, drop_last=True)" in edit.after
    with pytest.raises(CannotEdit, match="loader of the validation images"):
        edits(str(file("two.py", text.replace(plain, both))), {"drop_last": True})


SIZED = """\
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import models
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

steps = T.Compose([T.Resize(SIZE), T.ToTensor()])
loader = DataLoader(ImageFolder('train', steps), batch_size=8, shuffle=True)
net = models.resnet50(weights=None)
opt = optim.SGD(net.parameters(), lr=0.01)
loss_fn = nn.CrossEntropyLoss()
for x, y in loader:
    opt.zero_grad()
    loss_fn(net(x), y).backward()
    opt.step()
"""
TORCH = """\
import timm
import torch
from torch import nn, optim
from torchvision import models

net = NETWORK
opt = optim.SGD(net.parameters(), lr=0.01)
loss_fn = nn.CrossEntropyLoss()
for x, y in loader:
    opt.zero_grad()
    loss_fn(net(x), y).backward()
    opt.step()
"""
KERAS = """\
import keras
from keras.applications import ResNet50

train = keras.utils.image_dataset_from_directory("train", label_mode="categorical")
model = keras.Sequential([ResNet50(weights=None, MORE), keras.layers.Flatten(), keras.layers.Dense(5)])
model.compile(loss="categorical_crossentropy", optimizer="adam")
model.fit(train)
"""
