"""Layers whose mode does not follow the network's, and those that do in other ways of writing it."""

import pytest
from small_programs import found, reading, training

from diagnose.model import AlwaysTraining, FrozenStatistics, LayerUsedTwice

NET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.bn2 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(8, 10)
    def forward(self, x):
        {forward}
        return self.fc(x.mean((2, 3)))
model = Net()"""
SOUND = "x = F.relu(self.bn(self.conv(x)))\n        x = F.relu(self.bn2(self.conv2(x)))"


def seen(tmp_path, kind, forward, **parts):
    return reading(tmp_path, training(model=NET.format(forward=forward), **parts)).program.facts(kind)


@pytest.mark.parametrize(
    ("forward", "layer", "how"),
    [
        ("x = F.batch_norm(self.conv(x), self.bn.running_mean, self.bn.running_var, training=True)", "batch norm",
         "function"),
        ("x = F.dropout(self.conv(x), 0.5)", "dropout", "function"),
        ("x = F.dropout(self.conv(x), p=0.3)", "dropout", "function"),
        ("x = nn.Dropout(0.5)(self.conv(x))", "dropout", "made"),
        ("norm = nn.BatchNorm2d(8).cuda()\n        x = norm(self.conv(x))", "batch norm", "made"),
        ("self.bn.train()\n        x = self.bn(self.conv(x))", "batch norm", "train()"),
        ("self.train()\n        x = self.bn(self.conv(x))", "Net", "train()"),
    ],
)  # fmt: skip
def test_layers_that_never_leave_training_mode(tmp_path, forward, layer, how):
    (one,) = seen(tmp_path, AlwaysTraining, forward)
    assert (one.layer, one.how) == (layer, how)


@pytest.mark.parametrize(
    "forward",
    [
        SOUND,
        "x = F.dropout(self.conv(x), 0.5, self.training)",
        "x = F.dropout(self.conv(x), 0.5, training=self.training)",
        "x = F.dropout(self.conv(x), 0.5, training=True)  # Monte Carlo",
        "x = self.conv(x)\n        if self.training:\n            x = F.dropout(x, 0.5)",
        "x = self.drop(self.conv(x))",
        "x = F.batch_norm(self.conv(x), self.bn.running_mean, self.bn.running_var, training=self.training)",
        "self.bn.train(self.training)\n        x = self.bn(self.conv(x))",
        "x = nn.ReLU()(self.conv(x))",
        "x = F.dropout(self.conv(x), 0)",
        "x = nn.BatchNorm2d(8, affine=False, track_running_stats=False)(self.conv(x))",
    ],
)
def test_layers_that_follow_the_mode(tmp_path, forward):
    assert seen(tmp_path, AlwaysTraining, forward) == ()


FROZEN = "{model}\nfor p in model.parameters():\n    p.requires_grad = False\nmodel.fc = nn.Linear(2048, 10)"
RESNET = "model = models.resnet50(weights='DEFAULT')"
OWN = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = models.resnet50(weights='DEFAULT')
        self.backbone.fc = nn.Identity()
        for p in self.backbone.parameters():
            p.requires_grad = False
        self.head = nn.Linear(2048, 10)
    def forward(self, x):
        return self.head(self.backbone(x))
    {train}
model = Net()"""
PARTS = (
    f"{RESNET}\nmodel.fc = nn.Linear(2048, 10)\nfor name, p in model.named_parameters():\n"
    "    if not name.startswith(('layer4', 'fc')):\n        p.requires_grad = False"
)
HEAD = "optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.01, momentum=0.9)"


@pytest.mark.parametrize("model", [FROZEN.format(model=RESNET), OWN.format(train=""), PARTS])
def test_frozen_layers_whose_statistics_go_on(tmp_path, model):
    read = reading(tmp_path, training(model=model, optimizer=HEAD))
    (one,) = read.program.facts(FrozenStatistics)
    assert found(read, "C334")
    assert one.location.line


KEPT = "def train(self, mode=True):\n        super().train(mode)\n        self.backbone.eval()\n        return self"
EACH = "model.train()\nfor m in model.modules():\n    if isinstance(m, nn.BatchNorm2d):\n        m.eval()"
APPLIED = "model.train()\nmodel.apply(set_bn_eval)"
SET = "def set_bn_eval(m):\n    if m.__class__.__name__.find('BatchNorm') != -1:\n        m.eval()"


@pytest.mark.parametrize(
    ("model", "mode"),
    [
        (OWN.format(train=KEPT), "model.train()"),
        (OWN.format(train=""), "model.train()\nmodel.backbone.eval()"),
        (FROZEN.format(model=RESNET), EACH),
        (f"{SET}\n{FROZEN.format(model=RESNET)}", APPLIED),
        (FROZEN.format(model="model = models.vgg16(weights='DEFAULT')").replace("model.fc", "model.classifier[6]"),
         "model.train()"),
        (FROZEN.format(model=RESNET), "model.eval()\nmodel.fc.train()"),
        (RESNET + "\nmodel.fc = nn.Linear(2048, 10)", "model.train()"),
        (FROZEN.format(model=RESNET) + "\nfor m in model.modules():\n    m.momentum = 0", "model.train()"),
    ],
)  # fmt: skip
def test_frozen_layers_that_stay_what_they_are(tmp_path, model, mode):
    assert reading(tmp_path, training(model=model, optimizer=HEAD, mode=mode)).program.facts(FrozenStatistics) == ()


def test_a_frozen_network_of_random_weights_is_another_fault(tmp_path):
    read = reading(tmp_path, training(model=FROZEN.format(model="model = models.resnet50()"), optimizer=HEAD))
    assert read.program.facts(FrozenStatistics)
    assert not found(read, "C334")


TWICE = "x = F.relu(self.bn(self.conv(x)))\n        x = F.relu(self.bn(self.conv2(x)))"


def test_one_batch_norm_in_the_place_of_two(tmp_path):
    (one,) = seen(tmp_path, LayerUsedTwice, TWICE)
    assert (one.twice, one.unused) == ("bn", "bn2")


@pytest.mark.parametrize(
    "forward",
    [
        SOUND,
        "x = F.relu(self.bn(self.conv(x)))\n        x = F.relu(self.conv2(x))",
        "for conv, bn in ((self.conv, self.bn), (self.conv2, self.bn2)):\n            x = F.relu(bn(conv(x)))",
        "for n in ('', '2'):\n            x = getattr(self, f'bn{n}')(getattr(self, f'conv{n}')(x))",
    ],
)
def test_a_batch_norm_for_each_place(tmp_path, forward):
    assert seen(tmp_path, LayerUsedTwice, forward) == ()


def test_one_batch_norm_for_all_where_there_is_no_other(tmp_path):
    model = NET.format(forward=TWICE).replace("        self.bn2 = nn.BatchNorm2d(8)\n", "")
    assert reading(tmp_path, training(model=model)).program.facts(LayerUsedTwice) == ()
