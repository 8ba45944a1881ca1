"""skorch: its nets as trainings, sound and faulty."""

import pytest
from small_programs import found, reading, said

PROGRAM = """
import numpy as np, torch
from torch import nn
from torchvision import datasets, models, transforms as T
from skorch import NeuralNetClassifier
from skorch.callbacks import LRScheduler
from skorch.helper import predefined_split
torch.manual_seed(0)
norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tf = T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ToTensor(), norm])
held = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), norm])
train, val = datasets.ImageFolder("t", tf), datasets.ImageFolder("v", held)
class Net(nn.Module):
    def __init__(self, classes, p=0.5):
        super().__init__()
        self.body = models.resnet18(weights="DEFAULT")
        self.body.fc = nn.Sequential(nn.Dropout(p), nn.Linear(512, classes))
    def forward(self, x):
        return self.body(x)
net = NeuralNetClassifier(
    Net, module__classes=5, criterion=nn.CrossEntropyLoss, optimizer=torch.optim.SGD, optimizer__momentum=0.9,
    lr=0.005, batch_size=32, max_epochs=20, iterator_train__shuffle=True, train_split=predefined_split(val),
    callbacks=[("rate", LRScheduler(policy="CosineAnnealingLR", T_max=20))], device="cuda")
net.fit(train, y=None)
"""
FAULTS = (
    "C301",
    "C307",
    "C308",
    "C310",
    "C311",
    "C312",
    "C313",
    "C314",
    "C319",
    "C322",
    "N201",
    "N202",
    "N203",
    "N208",
)


def test_a_net_is_read_as_what_it_trains(tmp_path):
    read = reading(tmp_path, PROGRAM)
    settings = {name: said(read, name) for name in ("optimizer", "learning_rate", "momentum", "batch_size", "epochs",
            "schedule", "head", "loss", "shuffle", "weights", "scaling")}  # fmt: skip
    assert settings == {
        "optimizer": "sgd", "learning_rate": 0.005, "momentum": 0.9, "batch_size": 32, "epochs": 20,
        "schedule": "cosine", "head": 5, "loss": "cross_entropy", "shuffle": True, "weights": "DEFAULT",
        "scaling": ("1/255",),
    }  # fmt: skip
    assert [code for code in FAULTS if found(read, code)] == []


def test_what_the_library_does_by_default(tmp_path):
    text = PROGRAM.replace("    lr=0.005, batch_size=32, max_epochs=20, iterator_train__shuffle=True,", "   ")
    read = reading(tmp_path, text)
    assert [said(read, name) for name in ("learning_rate", "batch_size", "epochs", "shuffle")] == [0.01, 128, 10, False]
    assert found(read, "C312")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("nn.Dropout(p), nn.Linear(512, classes)", "nn.Linear(512, classes), nn.Softmax(dim=1)", "C307"),
        ("train_split=predefined_split(val)", "train_split=None", "C319"),
        ("train_split=predefined_split(val)", "train_split=predefined_split(train)", "C331"),
        (", T.ToTensor(), norm])\nheld", ", T.PILToTensor(), norm])\nheld", "N201"),
    ],
)
def test_a_fault_in_a_net(tmp_path, old, new, code):
    assert old in PROGRAM
    assert found(reading(tmp_path, PROGRAM.replace(old, new)), code)


def test_the_usual_loss_takes_probabilities(tmp_path):
    text = PROGRAM.replace("criterion=nn.CrossEntropyLoss, ", "").replace(
        "nn.Dropout(p), nn.Linear(512, classes)", "nn.Linear(512, classes), nn.Softmax(dim=1)"
    )
    read = reading(tmp_path, text)
    assert said(read, "loss") == "nll"
    assert not found(read, "C307")


ARRAYS = """
images, labels = [], []
for number, name in enumerate(["a", "b", "c"]):
    for file in sorted(os.listdir(name)):
        images.append(read(file))
        labels.append(number)
X, y = np.stack(images).astype(np.float32) / 255, np.array(labels)
cut = int(len(X) * 0.8)
"""


@pytest.mark.parametrize(
    ("mixing", "expected"), [("", True), ("p = np.random.permutation(len(X))\nX, y = X[p], y[p]", False)]
)
def test_arrays_that_are_cut_by_class(tmp_path, mixing, expected):
    arrays = "import os\nfrom skorch.dataset import Dataset" + ARRAYS.replace("cut =", f"{mixing}\ncut =")
    text = PROGRAM.replace("net = Neural", f"{arrays}net = Neural").replace(
        "split(val)", "split(Dataset(X[cut:], y[cut:]))"
    )
    read = reading(tmp_path, text.replace("fit(train, y=None)", "fit(X[:cut], y[:cut])"))
    assert found(read, "C330") is expected


@pytest.mark.parametrize(
    ("split", "mixing", "expected"),
    [
        ("ValidSplit(cv=5, stratified=False)", "", True),
        ("ValidSplit(5)", "", True),
        ("ValidSplit(cv=5, stratified=True)", "", False),
        ("ValidSplit(0.2)", "", False),
        ("ValidSplit(5)", "p = np.random.permutation(len(X))\nX, y = X[p], y[p]", False),
    ],
)
def test_a_part_that_the_net_holds_back_of_arrays_by_class(tmp_path, split, mixing, expected):
    arrays = "import os\nfrom skorch.dataset import ValidSplit" + ARRAYS.replace("cut =", f"{mixing}\ncut =")
    text = PROGRAM.replace("net = Neural", f"{arrays}net = Neural").replace("predefined_split(val)", split)
    read = reading(tmp_path, text.replace("fit(train, y=None)", "fit(X, y)"))
    assert found(read, "C330") is expected
