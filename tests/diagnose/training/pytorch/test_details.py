"""What programs tell their loss, optimizer, schedule and head, read from small texts."""

import pytest

from diagnose.config.read import read_configuration

PROGRAM = """
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms
model = models.resnet50(weights="DEFAULT")
model.fc = nn.Linear(2048, 5)
{model}
loader = DataLoader(datasets.ImageFolder("t", transforms.ToTensor()), batch_size=32, shuffle=True)
criterion = nn.CrossEntropyLoss()
{loss}
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
{optimizer}
{schedule}
for epoch in range(30):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        {clip}
        optimizer.step()
        {batch}
    {epoch}
"""
EMPTY = {"model": "", "loss": "", "optimizer": "", "schedule": "", "clip": "pass", "batch": "pass", "epoch": "pass"}


@pytest.fixture
def read(tmp_path):
    def run(**changes):
        (tmp_path / "train.py").write_text(PROGRAM.format(**{**EMPTY, **changes}))
        return read_configuration(str(tmp_path / "train.py")).config

    return run


def test_a_plain_program_has_no_further_options(read):
    config = read()
    assert config.loss_options.value == config.optimizer_options.value == config.head_options.value == ()
    assert all(one.known for one in (config.loss_options, config.optimizer_options, config.head_options))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("criterion = nn.CrossEntropyLoss(label_smoothing=0.1)", (("label_smoothing", 0.1),)),
        ("criterion = nn.CrossEntropyLoss(torch.tensor([1.0, 2.0]))", (("class_weights", (1.0, 2.0)),)),
        ("criterion = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0]).cuda())", (("class_weights", (1.0, 2.0)),)),
        ("criterion = nn.CrossEntropyLoss(weight=compute())", (("class_weights", "computed"),)),
        ("criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0]))", (("class_weights", (3.0,)),)),
        ("from timm.loss import LabelSmoothingCrossEntropy\ncriterion = LabelSmoothingCrossEntropy()",
         (("label_smoothing", 0.1),)),
        ("from timm.loss import LabelSmoothingCrossEntropy\ncriterion = LabelSmoothingCrossEntropy(smoothing=0.2)",
         (("label_smoothing", 0.2),)),
    ],
)  # fmt: skip
def test_the_loss(read, line, expected):
    assert read(loss=line).loss_options.value == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"optimizer": "optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True)"},
         (("nesterov", True),)),
        ({"optimizer": "optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.95), eps=1e-6)"},
         (("betas", (0.9, 0.95)), ("eps", 1e-6))),
        ({"clip": "nn.utils.clip_grad_norm_(model.parameters(), 1.0)"}, (("clip_norm", 1.0),)),
        ({"clip": "nn.utils.clip_grad_norm_(model.parameters(), max_norm=limit())"}, (("clip_norm", "computed"),)),
        ({"clip": "nn.utils.clip_grad_value_(model.parameters(), 0.5)"}, (("clip_value", 0.5),)),
        ({"optimizer": "from timm.optim import create_optimizer_v2\n"
                       "optimizer = create_optimizer_v2(model, opt='sgd', lr=0.1)"}, (("nesterov", True),)),
        ({"optimizer": "body = [p for n, p in model.named_parameters() if 'fc' not in n]\n"
                       "optimizer = torch.optim.SGD([{'params': body}, "
                       "{'params': model.fc.parameters(), 'lr': 1.0}], lr=0.1)"},
         (("backbone_rate", 0.1), ("head_rate", 1.0))),
    ],
)  # fmt: skip
def test_the_optimizer(read, changes, expected):
    assert read(**changes).optimizer_options.value == expected


def test_two_groups_that_are_the_head_and_the_rest_have_their_rates(read):
    lines = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.body = models.resnet50(weights='DEFAULT')\n        self.body.fc = nn.Identity()\n"
        "        self.head = nn.Linear(2048, 5)\n    def forward(self, x):\n        return self.head(self.body(x))\n"
        "model = Net()"
    )
    groups = "[{'params': model.body.parameters(), 'lr': 0.01}, {'params': model.head.parameters()}]"
    config = read(model=lines, optimizer=f"optimizer = torch.optim.SGD({groups}, lr=0.1)")
    assert config.optimizer_options.value == (("backbone_rate", 0.01), ("head_rate", 0.1))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"schedule": "s = torch.optim.lr_scheduler.StepLR(optimizer, 10)", "epoch": "s.step()"},
         (("factor", 0.1), ("period", 10))),
        ({"schedule": "s = torch.optim.lr_scheduler.MultiStepLR(optimizer, [10, 20], gamma=0.2)", "epoch": "s.step()"},
         (("factor", 0.2), ("milestones", (10, 20)))),
        ({"schedule": "s = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)", "epoch": "s.step()"},
         (("final_rate", 0.0), ("period", 30))),
        ({"schedule": "s = torch.optim.lr_scheduler.StepLR(optimizer, 300)", "batch": "s.step()"},
         (("factor", 0.1), ("period", 300), ("unit", "step"))),
        ({"schedule": "s = torch.optim.lr_scheduler.StepLR(optimizer, length())", "epoch": "s.step()"},
         (("factor", 0.1),)),
    ],
)  # fmt: skip
def test_the_schedule(read, changes, expected):
    assert read(**changes).schedule_options.value == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("model.fc = nn.Sequential(nn.Dropout(0.4), nn.Linear(2048, 5))", (("dropout", 0.4),)),
        ("model.fc = nn.Sequential(nn.Linear(2048, 256), nn.ReLU(), nn.Dropout(), nn.Linear(256, 5))",
         (("dropout", 0.5), ("hidden", (256,)))),
        ("model.fc = nn.Sequential(nn.Linear(2048, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 5))",
         (("hidden", (64,)), ("other", ("BatchNorm1d",)))),
    ],
)  # fmt: skip
def test_the_head(read, line, expected):
    assert read(model=line).head_options.value == expected
