import subprocess

import pytest
from builders import dataset, tuning

from diagnose.fixes.draft import Draft
from diagnose.model import Diagnosis, Evidence, TunedChange
from diagnose.tuned import propose

YAML = """\
optimizer: sgd
learning_rate: 10  # by guess
momentum: 0.9
weight_decay: 0.0001
batch_size: 32
epochs: 30
schedule: constant
train_augmentations: [random_horizontal_flip]
loss: cross_entropy
head: 2
weights: imagenet
"""
PYTORCH = """\
import torch
from torch import nn
from torchvision import datasets, models, transforms

torch.manual_seed(0)
tf = transforms.Compose([transforms.Resize((64, 64)), transforms.RandomHorizontalFlip(), transforms.ToTensor()])
train = torch.utils.data.DataLoader(datasets.ImageFolder("a/train", tf), batch_size=32, shuffle=True)
model = models.resnet18(num_classes=10)
model.fc = nn.Linear(512, 2)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(30):
    for images, labels in train:
        optimizer.zero_grad()
        criterion(model(images), labels).backward()
        optimizer.step()
"""
RATE = TunedChange("learning rate", "10", "0.012", (("learning_rate", 0.012),))
SMOOTHING = TunedChange("label smoothing", "0", "0.1", (("loss_options.label_smoothing", 0.1),))
DROPOUT = TunedChange("dropout", "0", "0.2", (("head_options.dropout", 0.2),))
DECAY = TunedChange("weight decay", "0", "0.001", (("weight_decay", 0.001),))
MIXUP = TunedChange("mixup", "0", "0.2", (("augmentation_options.mixup", 0.2),))
FROZEN = TunedChange("frozen layers", "none", "backbone", (("frozen", ("backbone",)),))
CROP = TunedChange(
    "augmentation", "flip", "flip and crop",
    (("train_augmentations", ("random_resized_crop", "random_horizontal_flip")),),
)  # fmt: skip
COSINE = TunedChange("schedule", "constant", "cosine", (("schedule", "cosine"),))
STEP = TunedChange(
    "schedule", "constant", "step",
    (("schedule", "step"), ("schedule_options.period", 1 / 3), ("schedule_options.factor", 0.1)),
)  # fmt: skip


@pytest.fixture
def proposed(tmp_path, monkeypatch):
    """A function: the text of a file after the changes, and what is left; git applies the patch."""
    monkeypatch.chdir(tmp_path)

    def make(text, *changes, name="c.yaml", words=""):
        path = tmp_path / name
        path.write_text(text)
        diagnosis = Diagnosis("0", "now", 1.0, Evidence(dataset()), (), (), tuning=tuning(*changes))
        with Draft(f"{path}{words}") as draft:
            left = list(propose(draft, diagnosis))
            patch = "".join(edit.diff for edit in draft.edits)
        if patch:
            subprocess.run(["git", "apply", "-"], input=patch, text=True, check=True, cwd=tmp_path)
        return path.read_text(), left

    return make


def test_values_of_a_configuration_change_in_their_place_and_the_rest_stays(proposed):
    after, left = proposed(YAML, RATE, COSINE, CROP)
    assert left == []
    assert after == (
        YAML.replace("learning_rate: 10 ", "learning_rate: 0.012 ")
        .replace("constant", "cosine")
        .replace("[random_horizontal_flip]", "[random_resized_crop, random_horizontal_flip]")
    )


def test_what_a_configuration_does_not_say_is_added(proposed):
    after, left = proposed(YAML, SMOOTHING, DROPOUT, MIXUP, FROZEN)
    assert left == []
    assert after == f"{YAML}label_smoothing: 0.1\ndropout: 0.2\nmixup: 0.2\nfrozen: [backbone]\n"


def test_an_option_that_stands_somewhere_changes_there(proposed):
    text = YAML.replace("loss: cross_entropy\n", "loss: {name: cross_entropy, smoothing: 0.05}\n")
    after, left = proposed(text, SMOOTHING)
    assert (after, left) == (text.replace("0.05", "0.1"), [])


def test_a_schedule_changes_with_its_lengths(proposed):
    after, left = proposed(YAML, STEP)
    assert left == []
    assert after == f"{YAML.replace('constant', 'step')}step_size: 10\ngamma: 0.1\n"


def test_a_schedule_whose_old_lengths_would_stay_is_left_whole(proposed):
    text = YAML.replace("schedule: constant", "schedule: {name: step, step_size: 30}")
    after, left = proposed(text, COSINE, RATE)
    assert after == text.replace("learning_rate: 10 ", "learning_rate: 0.012 ")
    assert len(left) == 2
    assert left[0].startswith("schedule constant → cosine is left to you at ")
    assert "c.yaml:7: " in left[0]
    assert left[1].startswith("The gain was measured with all of the changes together")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("c.toml", 'optimizer = "sgd"\nlearning_rate = 10.0\nloss = "cross_entropy"\n', "learning_rate = 0.012"),
        ("c.json", '{"optimizer": "sgd", "learning_rate": 10, "loss": "cross_entropy"}', '"learning_rate": 0.012'),
    ],
)
def test_toml_and_json_too(proposed, name, before, after):
    text, left = proposed(before, RATE, SMOOTHING, name=name)
    assert left == []
    assert after in text
    assert "label_smoothing" in text


def test_a_pytorch_program_gets_the_changes_that_stand_on_a_line(proposed):
    after, left = proposed(PYTORCH, RATE, SMOOTHING, DECAY, DROPOUT, name="train.py")
    assert left == []
    assert after == (
        PYTORCH.replace("lr=0.1, momentum=0.9", "lr=0.012, momentum=0.9, weight_decay=0.001")
        .replace("CrossEntropyLoss()", "CrossEntropyLoss(label_smoothing=0.1)")
        .replace("nn.Linear(512, 2)", "nn.Sequential(nn.Dropout(0.2), nn.Linear(512, 2))")
    )


def test_what_a_program_cannot_be_given_safely_is_named_with_its_line(proposed):
    after, left = proposed(PYTORCH, RATE, CROP, FROZEN, name="train.py")
    assert "lr=0.012" in after
    assert after.count("\n") == PYTORCH.count("\n")
    assert "augmentation flip → flip and crop is left to you at " in left[0]
    assert "train.py:6: " in left[0]
    assert left[1].startswith("frozen layers none → backbone is left to you")
    assert left[2].startswith("The gain was measured with all")


def test_what_the_command_line_says_stays_there(proposed, tmp_path):
    text = PYTORCH.replace("import torch\n", "import argparse\nimport torch\n", 1).replace(
        "torch.manual_seed(0)",
        'parser = argparse.ArgumentParser()\nparser.add_argument("--lr", type=float, default=0.1)\n'
        "args = parser.parse_args()",
    )
    text = text.replace("lr=0.1", "lr=args.lr")
    after, left = proposed(text, RATE, name="train.py")
    assert (after, left) == (text.replace("default=0.1", "default=0.012"), [])
    after, left = proposed(text, RATE, name="train.py", words=" --lr 0.3")
    assert after == text
    assert "it is given on the command line" in left[0]


def test_the_peak_of_one_cycle_is_its_rate(proposed):
    cycle = "scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=900)\n"
    text = PYTORCH.replace("for epoch in range(30)", f"{cycle}for epoch in range(30)")
    text = text.replace("        optimizer.step()\n", "        optimizer.step()\n        scheduler.step()\n")
    after, left = proposed(text, RATE, name="train.py")
    assert left == []
    assert after == text.replace("max_lr=0.1", "max_lr=0.012")


def test_without_a_tuning_there_is_nothing_to_propose(tmp_path):
    (tmp_path / "c.yaml").write_text(YAML)
    with Draft(str(tmp_path / "c.yaml")) as draft:
        assert list(propose(draft, Diagnosis("0", "now", 1.0, Evidence(), (), ()))) == []
