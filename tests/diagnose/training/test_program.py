"""Small programs, each with one way of writing a thing that the corpus does not have."""

import pytest

from diagnose.config.read import read_configuration
from diagnose.model import InputError

HEAD = """
import torch, torchvision
from torch import nn
import torch.nn.functional as F
from torchvision import datasets, models, transforms as T
tf = T.Compose([T.Resize((224, 224)), T.ToTensor()])
data = datasets.ImageFolder("x", tf)
loader = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)
model = models.resnet50(weights="DEFAULT")
"""
LOOP = """
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
"""


@pytest.fixture
def read(tmp_path):
    def reading(text):
        path = tmp_path / "train.py"
        path.write_text(text)
        return read_configuration(str(path))

    return reading


def value(reading, name):
    setting = getattr(reading.config, name)
    return setting.value if setting.known else None


def test_a_loss_given_by_name_and_a_closure(read):
    reading = read(
        HEAD
        + """
opt = torch.optim.LBFGS(model.parameters(), lr=1)
for epoch in range(3):
    for x, y in loader:
        def closure():
            opt.zero_grad()
            loss = F.cross_entropy(input=model(x), target=y)
            loss.backward()
            return loss
        opt.step(closure)
"""
    )
    assert (value(reading, "optimizer"), value(reading, "loss")) == ("lbfgs", "cross_entropy")
    assert value(reading, "output_activation") == "none"


@pytest.mark.parametrize(
    ("change", "head"),
    [
        ("model.fc = nn.Linear(2048, 7)", 7),
        ("model.fc = nn.Sequential(nn.Linear(2048, 64), nn.ReLU(), nn.Linear(64, 7), nn.Dropout(0.1))", 7),
        ("model = nn.Sequential(*(list(model.children())[:-1] + [nn.Flatten(), nn.Linear(2048, 7)]))", 7),
        ("model = models.vgg16(weights=None)\nmodel.classifier[6] = nn.Linear(4096, 7)", 7),
        ("model = models.vgg16(weights=None)\nmodel.classifier[-1] = nn.Linear(4096, 7)", 7),
        ("model = models.vit_b_16(weights=None)\nmodel.heads.head = nn.Linear(768, 7)", 7),
        ("model = models.densenet121(num_classes=7)", 7),
        ("setattr(model, 'fc', nn.Linear(2048, len(data.classes)))", None),
        (
            "import os\nif os.path.exists('a'):\n    model.fc = nn.Linear(2048, 7)\n"
            "else:\n    model.fc = nn.Linear(2048, 8)",
            None,
        ),
    ],
)
def test_heads(read, change, head):
    assert value(read(HEAD + change + LOOP), "head") == head


@pytest.mark.parametrize(
    ("change", "frozen"),
    [
        ("for p in model.parameters():\n    p.requires_grad = False\nmodel.fc = nn.Linear(2048, 7)", ("backbone",)),
        ("model.requires_grad_(False)\nfor p in model.fc.parameters():\n    p.requires_grad = True", ("backbone",)),
        ("for n, p in model.named_parameters():\n"
         "    if not n.startswith(('layer4', 'fc')):\n        p.requires_grad_(False)",
         ("conv1", "bn1", "layer1", "layer2", "layer3")),
        ("ct = 0\nfor child in model.children():\n    ct += 1\n    if ct < 7:\n        for p in child.parameters():\n"
         "            p.requires_grad = False", ("conv1", "bn1", "layer1", "layer2")),
        ("for i, p in enumerate(model.parameters()):\n    if i < 3:\n        p.requires_grad = False",
         ("conv1", "bn1")),
        ("for p in model.parameters():\n    if torch.rand(1) > 0.5:\n        p.requires_grad = False", None),
        ("", ()),
    ],
)  # fmt: skip
def test_frozen_parts(read, change, frozen):
    assert value(read(HEAD + change + LOOP), "frozen") == frozen


@pytest.mark.parametrize(
    ("given", "weights"),
    [
        ("weights=None", "none"),
        ("pretrained=True", "imagenet"),
        ("True", "imagenet"),
        ("weights=models.ResNet50_Weights.IMAGENET1K_V2", "IMAGENET1K_V2"),
        ("weights='IMAGENET1K_V1'", "IMAGENET1K_V1"),
        ("", "none"),
        ("weights='DEFAULT' if torch.rand(1) > 0.5 else None", None),
    ],
)
def test_weights(read, given, weights):
    assert value(read(HEAD + f"model = models.resnet50({given})" + LOOP), "weights") == weights


def test_streams_and_wrapped_loaders_do_not_tell_their_order(read):
    stream = """
class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        yield torch.rand(3, 8, 8), 0
loader = torch.utils.data.DataLoader(Stream(), batch_size=8)
"""
    assert value(read(HEAD + stream + LOOP), "shuffle") is None
    assert value(read(HEAD + "loader = torch.utils.data.DataLoader(data, batch_size=8)" + LOOP), "shuffle") is False
    unread = "import ffcv\nloader = ffcv.loader.Loader('x', batch_size=8, order=ffcv.loader.OrderOption.RANDOM)"
    assert value(read(HEAD + unread + LOOP), "shuffle") is True


def test_two_trainings_that_differ_are_not_one_value(read):
    again = LOOP.replace("lr=0.1", "lr=0.01")
    setting = read(HEAD + LOOP + again).config.learning_rate
    assert not setting.known
    assert "0.1" in setting.why
    assert "0.01" in setting.why


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import tensorflow as tf\nwith tf.GradientTape() as tape:\n    pass", "GradientTape"),
        ("from fastai.text.all import *\nlearn = language_model_learner(d, r)\nlearn.fine_tune(1)", "fastai"),
        ("x = 1", "no training was found"),
    ],
)
def test_what_is_not_followed_is_said(read, text, said):
    with pytest.raises(InputError, match=said):
        read(text)


def test_the_networks_own_place_is_where_it_is_asked_for(read):
    own = """
def ResNet9(n):
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, n))
model = ResNet9(5)
"""
    reading = read(HEAD + own + LOOP)
    assert value(reading, "head") == 5
    assert reading.program.own_model
