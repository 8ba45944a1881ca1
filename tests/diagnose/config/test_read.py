"""Configurations of every kind: command lines, what tools write, and fields given by hand."""

import json

import pytest

from diagnose.config.read import read_configuration
from diagnose.model import InputError

PROGRAM = """
import argparse, torch, torchvision
from torch import nn
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--epochs", type=int, default=5)
p.add_argument("--data", required=True)
args = p.parse_args()
net = torchvision.models.resnet50(num_classes=int(open("classes.txt").read()))
opt = torch.optim.SGD(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for x, y in loader():
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
"""


@pytest.fixture
def write(tmp_path):
    def put(name, text):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return put


def known(reading):
    return {name: setting.value for name, setting in reading.config.settings() if setting.known}


def test_a_command_line_is_over_the_programs_defaults(write):
    path = write("train.py", PROGRAM)
    reading = read_configuration(f"python {path} --lr 0.5 --epochs=90 --data x")
    assert (known(reading)["learning_rate"], known(reading)["epochs"]) == (0.5, 90)
    assert reading.config.learning_rate.file == "command line"
    assert known(read_configuration(path))["learning_rate"] == 0.1


def test_what_the_program_leaves_open_says_why_and_can_be_set(write):
    path = write("train.py", PROGRAM)
    assert "open" in read_configuration(path).config.head.why or "run" in read_configuration(path).config.head.why
    reading = read_configuration(path, ("num_classes=12", "learning_rate=3e-4"))
    assert (known(reading)["head"], known(reading)["learning_rate"]) == (12, 3e-4)
    assert reading.config.head.file == "--set"


@pytest.mark.parametrize(
    ("given", "said"),
    [("lr", "key=value"), ("speed=3", "unknown field"), ("epochs=many", "epochs"), ("=3", "key=value")],
)
def test_a_wrong_setting_is_one_sentence(write, given, said):
    with pytest.raises(InputError, match=said):
        read_configuration(write("train.py", PROGRAM), (given,))


@pytest.mark.parametrize("given", ["gone.py", "gone.py --lr 1", "gone.txt", "train.py --lr '"])
def test_what_cannot_be_read_is_one_sentence(given):
    with pytest.raises(InputError):
        read_configuration(given)


def test_a_program_that_trains_nothing_is_said_so(write):
    with pytest.raises(InputError, match="no training was found"):
        read_configuration(write("hello.py", "print('hello')"))


TIMM = """
aa: rand-m9
batch_size: 64
epochs: 100
hflip: 0.5
lr: 0.005
mean: [0.485, 0.456, 0.406]
mixup: 0.0
model: resnet50d
momentum: 0.9
no_aug: false
num_classes: 37
opt: lamb
pretrained: true
reprob: 0.25
sched: cosine
seed: 42
smoothing: 0.1
weight_decay: 0.02
"""


def test_timms_arguments(write):
    told = known(read_configuration(write("args.yaml", TIMM)))
    assert (told["model"], told["weights"], told["optimizer"], told["schedule"]) == (
        "resnet50d",
        "imagenet",
        "lamb",
        "cosine",
    )
    assert told["train_augmentations"] == (
        "random_resized_crop",
        "random_horizontal_flip",
        "rand_augment",
        "random_erasing",
    )
    assert read_configuration(write("args.yaml", TIMM)).config.learning_rate.line == 6


LIGHTNING = """
seed_everything: 7
trainer:
  max_epochs: 20
  devices: 1
model:
  class_path: my.Net
  init_args:
    num_classes: 5
    pretrained: false
data:
  class_path: my.Data
  init_args: {batch_size: 48}
optimizer:
  class_path: torch.optim.AdamW
  init_args: {lr: 0.0003}
lr_scheduler:
  class_path: torch.optim.lr_scheduler.StepLR
"""


def test_lightnings_configuration(write):
    told = known(read_configuration(write("config.yaml", LIGHTNING)))
    assert told == {"seed": 7, "epochs": 20, "head": 5, "weights": "none", "batch_size": 48, "optimizer": "adamw",
                    "learning_rate": 0.0003, "weight_decay": 0.01, "schedule": "step"}  # fmt: skip


def test_hugging_faces_arguments(write):
    saved = {"learning_rate": 5e-5, "per_device_train_batch_size": 16, "num_train_epochs": 3, "optim": "adamw_torch",
             "lr_scheduler_type": "cosine", "seed": 1, "weight_decay": 0.01}  # fmt: skip
    told = known(read_configuration(write("training_args.json", json.dumps(saved))))
    assert told == {"learning_rate": 5e-5, "batch_size": 16, "epochs": 3, "optimizer": "adamw", "schedule": "cosine",
                    "seed": 1, "weight_decay": 0.01}  # fmt: skip


def test_a_plain_configuration_is_read_as_before(write):
    reading = read_configuration(write("c.yaml", "model: nets:Build-It\nlr: 0.1\n"))
    assert known(reading) == {"model": "nets:Build-It", "learning_rate": 0.1}
    assert reading.program is None


THREE = {
    "a": """
from keras.applications import ResNet50
from keras.layers import Dense, GlobalAveragePooling2D
from keras.models import Model
from keras.optimizers import Adam
from keras.preprocessing.image import ImageDataGenerator
gen = ImageDataGenerator(rescale=1./255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
train = gen.flow_from_directory('train', target_size=(224, 224), batch_size=32)
val = ImageDataGenerator(rescale=1./255).flow_from_directory('val', target_size=(224, 224), batch_size=32)
base = ResNet50(weights=None, include_top=False, input_shape=(224, 224, 3))
x = GlobalAveragePooling2D()(base.output)
x = Dense(1024, activation='relu')(x)
model = Model(base.input, Dense(7, activation='softmax')(x))
model.compile(optimizer=Adam(1e-4), loss='categorical_crossentropy', metrics=['accuracy'])
model.fit(train, validation_data=val, epochs=50)
""",
}
AUGMENTATION = ", shear_range=0.2, zoom_range=0.2, horizontal_flip=True"
THREE["b"] = THREE["a"].replace(AUGMENTATION, "").replace("epochs=50", "epochs=10")


def test_scratch_and_so_called_transfer_differ_in_nothing_but_epochs_augmentation_and_chance(write):
    from corpus_reading import findings

    from diagnose.against import contrast
    from diagnose.registry import load_checks

    a = read_configuration(write("custom_resnet50.py", THREE["a"]))
    b = read_configuration(write("transfer_learning.py", THREE["b"]))
    assert {"C301"} == {f.code for f in findings(b) if f.severity == "error"}
    assert [f.location.line for f in findings(b) if f.code == "C301"] == [10]
    assert [f.code for f in findings(a) if f.severity == "error"] == []
    told = contrast("a", "b", (a.config, a.program), (b.config, b.program), load_checks())
    assert told.verdict.startswith("They differ in nothing but epochs, augmentation and chance.")
    assert told.not_compared == ()


@pytest.mark.parametrize("name", ["settings.yaml", "settings.json", "my settings.yaml"])
def test_a_command_line_may_end_in_a_settings_file(write, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    write(name, '{"lr": 0.25}' if name.endswith("json") else "lr: 0.25\n")
    text = PROGRAM.replace("p = argparse.ArgumentParser()", "import yaml\np = argparse.ArgumentParser()")
    text = text.replace("args = p.parse_args()", 'p.add_argument("-c")\nargs = p.parse_args()')
    path = write("train.py", text.replace("lr=args.lr", 'lr=yaml.safe_load(open(args.c))["lr"]'))
    for before in ("", "python ", "torchrun --nproc_per_node=2 "):
        given = f"{before}{path} --data x -c '{name}'"
        assert known(read_configuration(given))["learning_rate"] == 0.25


def test_a_command_line_may_end_in_a_python_file(write, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    write("other.py", "lr = 0.75\n")
    text = PROGRAM.replace("args = p.parse_args()", 'p.add_argument("-c")\nargs = p.parse_args()\nimport importlib')
    path = write("train.py", text.replace("lr=args.lr", "lr=importlib.import_module(args.c[:-3]).lr"))
    assert known(read_configuration(f"{path} -c other.py"))["learning_rate"] == 0.75


@pytest.mark.parametrize("given", ["gone.py --settings a.yaml", "gone.yaml", "a name with spaces.yaml", "my gone.py"])
def test_a_file_that_is_missing_gets_one_sentence(given):
    with pytest.raises(InputError, match="does not exist"):
        read_configuration(given)


def test_messages_do_not_show_the_readers_own_notation(write):
    text = PROGRAM.replace("lr=args.lr", "lr=other.table()[0] * 2").replace("import argparse", "import other, argparse")
    why = read_configuration(write("train.py", text)).config.learning_rate.why
    assert "other.table()" in why
    assert not any(sign in why for sign in ("[]", "op*", "(…)()"))
