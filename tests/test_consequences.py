"""Whole programs with folders of images: the cause is named first, and what --fix writes does not break the run."""

import threading

import pytest

from diagnose.controls import Controls
from diagnose.engine import Request, diagnose
from diagnose.events import Finished
from diagnose.fixes.draft import Draft
from diagnose.fixes.plan import fix_all

TORCH = """\
import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms as T

torch.manual_seed(0)
norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
train_steps = T.Compose([TRAIN_STEPS, T.RandomHorizontalFlip(), T.ToTensor(), norm])
val_steps = T.Compose([VAL_STEPST.ToTensor(), norm])
train = DataLoader(datasets.ImageFolder("images/train", train_steps), batch_size=16, shuffle=True, drop_last=True)
val = DataLoader(datasets.ImageFolder("images/val", val_steps), batch_size=16)
net = models.resnet18(weights="DEFAULT")
net.fc = nn.Linear(512, OUTPUTS)
net.cuda()
optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
loss_function = nn.CrossEntropyLoss()
for epoch in range(9):
    net.train()
    for x, y in train:
        optimizer.zero_grad()
        loss_function(net(x.cuda()), y.cuda()).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        right = sum((net(x.cuda()).argmax(1).cpu() == y).sum() for x, y in val)
"""
KERAS = """\
import keras
from keras import layers
from keras.preprocessing.image import ImageDataGenerator

keras.utils.set_random_seed(0)
model = keras.Sequential([
    layers.Conv2D(32, 3, activation="relu", input_shape=(64, 64, 3)),
    layers.GlobalAveragePooling2D(),
    layers.Dropout(0.5),
    HEAD,
])
model.compile(loss="LOSS", optimizer="adam", metrics=["accuracy"])
scaled = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
plain = ImageDataGenerator(rescale=1 / 255)
train = scaled.flow_from_directory("images/train", target_size=(64, 64), batch_size=16, class_mode="MODE")
val = plain.flow_from_directory("images/val", target_size=(64, 64), batch_size=16, class_mode="MODE")
model.fit(train, epochs=9, validation_data=val)
"""
THREE = {f"{split}/{name}": count for split, count in (("train", 24), ("val", 12)) for name in "abc"}


@pytest.fixture
def examined(image_folder, tmp_path, monkeypatch):
    """The diagnosis of a program with images, and what --fix would make of the program."""
    monkeypatch.chdir(tmp_path)

    def run(text, counts, before=lambda root: None, size=64):
        root = image_folder(counts, size=size)
        before(root)
        program = tmp_path / "train.py"
        program.write_text(text)
        events = diagnose(Request(root, str(program), probes=False), Controls(threading.Event()))
        (diagnosis,) = [event.diagnosis for event in events if isinstance(event, Finished)]
        with Draft(str(program)) as draft:
            fix_all(draft, diagnosis)
            return diagnosis, draft.text(program)

    return run


def torch_program(train="T.RandomResizedCrop(224)", val="T.Resize(256), T.CenterCrop(224), ", outputs=3):
    return TORCH.replace("TRAIN_STEPS", train).replace("VAL_STEPS", val).replace("OUTPUTS", str(outputs))


def keras_program(head, loss, mode):
    return KERAS.replace("HEAD", head).replace("LOSS", loss).replace("MODE", mode)


@pytest.mark.parametrize("name", [".ipynb_checkpoints", ".thumbnails", "__MACOSX", "@eaDir", "annotations"])
def test_the_folder_that_a_tool_left_has_to_go_and_the_head_stays(examined, name):
    def stray(root):
        (root / "train" / name).mkdir()
        for number in (3, 4):
            copy = root / "train" / name / f"{number:03}-copy.png"
            copy.write_bytes((root / "train" / "a" / f"{number:03}.png").read_bytes())

    diagnosis, fixed = examined(torch_program(), THREE, stray)
    cause, *others = diagnosis.findings
    assert (cause.code, cause.severity, cause.location.line) == ("D121", "error", 10)
    follow = {one.code for one in others if one.because_of == cause.fingerprint}
    assert follow >= {"C309", "D107", "D109", "D110"}
    assert f"Delete the folder: train/{name}" in diagnosis.verdict
    assert "C309" not in diagnosis.verdict
    assert fixed == torch_program()


def test_a_folder_of_labels_without_images_stops_the_loader(examined):
    diagnosis, fixed = examined(torch_program(), THREE, lambda root: (root / "train" / "annotations").mkdir())
    assert (diagnosis.findings[0].code, diagnosis.findings[0].severity) == ("D121", "error")
    assert fixed == torch_program()


def test_a_split_that_is_not_sorted_comes_first_and_crops_stay_as_they_are(examined):
    program = torch_program("T.RandomCrop(64, padding=8)", "")
    diagnosis, fixed = examined(program, {"train/a": 24, "train/b": 24, "train/c": 24, "val/images": 24})
    first = diagnosis.findings[0]
    assert (first.code, first.severity) == ("D110", "error")
    assert "val is not sorted into the classes of train" in diagnosis.verdict
    assert "C318" in {one.code for one in diagnosis.findings}
    assert fixed == program


def test_both_sides_are_resized_or_neither(examined):
    program = torch_program("T.Resize((64, 64))", "T.Resize((64, 64)), ")
    _, fixed = examined(program, THREE)
    assert fixed == program.replace("(64, 64)", "(224, 224)")
    program = torch_program("T.Resize(72), T.RandomCrop(64)", "T.Resize(72), T.CenterCrop(64), ")
    assert examined(program, THREE)[1] == program


def test_a_crop_that_the_images_cannot_give_is_named_first(examined):
    diagnosis, _ = examined(torch_program("T.Resize(256), T.RandomCrop(299)"), THREE)
    assert (diagnosis.findings[0].code, diagnosis.findings[0].severity) == ("N212", "error")


HEADS = [
    ("layers.Dense(1),\n    layers.Activation('sigmoid')", 'layers.Dense(3),\n    layers.Activation("softmax")'),
    ('layers.Dense(1, activation="sigmoid")', 'layers.Dense(3, activation="softmax")'),
    ('layers.Dense(1, activation="softmax")', 'layers.Dense(3, activation="softmax")'),
]


@pytest.mark.parametrize(("head", "new"), HEADS)
def test_one_output_for_three_classes_changes_with_all_that_belongs_to_it(examined, head, new):
    diagnosis, fixed = examined(keras_program(head, "binary_crossentropy", "binary"), THREE)
    first = diagnosis.findings[0]
    assert (first.code, first.severity) == ("C309", "error")
    assert first.location.line == 10
    assert fixed == keras_program(new, "categorical_crossentropy", "categorical")


def test_it_is_not_offered_where_a_threshold_would_stay(examined):
    program = keras_program(HEADS[1][0], "binary_crossentropy", "binary") + "y = model.predict(val) > 0.5\n"
    assert examined(program, THREE)[1] == program


@pytest.mark.parametrize(("loss", "mode"), [("categorical_crossentropy", "sparse"),
                                            ("sparse_categorical_crossentropy", "categorical")])  # fmt: skip
def test_labels_in_another_form_than_the_loss_expects(examined, loss, mode):
    head = 'layers.Dense(3, activation="softmax")'
    diagnosis, fixed = examined(keras_program(head, loss, mode), THREE)
    assert diagnosis.findings[0].code == "C308"
    right = {"sparse": "sparse_categorical_crossentropy", "categorical": "categorical_crossentropy"}[mode]
    assert fixed == keras_program(head, right, mode)


@pytest.mark.parametrize(
    ("head", "loss", "mode", "counts"),
    [
        ('layers.Dense(3, activation="softmax")', "categorical_crossentropy", "categorical", THREE),
        ('layers.Dense(3, activation="softmax")', "sparse_categorical_crossentropy", "sparse", THREE),
        ('layers.Dense(1, activation="sigmoid")', "binary_crossentropy", "binary",
         {name: count for name, count in THREE.items() if not name.endswith("c")}),
    ],
)  # fmt: skip
def test_heads_that_fit_are_not_accused(examined, head, loss, mode, counts):
    program = keras_program(head, loss, mode)
    diagnosis, fixed = examined(program, counts)
    assert not {"C308", "C309", "D110", "D121", "N212"} & {one.code for one in diagnosis.findings}
    assert fixed == program


def test_a_sound_program_is_left_alone_and_silence_is_explained(examined):
    diagnosis, fixed = examined(torch_program(), {name: 3 * count for name, count in THREE.items()}, size=160)
    assert not [one for one in diagnosis.findings if one.severity != "info"]
    assert diagnosis.verdict.startswith("No fault was found in the image files, ")
    assert "how images and labels are paired" in diagnosis.verdict
    assert "short training runs and memory and loading (--no-probes was given)" in diagnosis.verdict
    assert fixed == torch_program()
