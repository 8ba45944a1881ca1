"""Architecture, initial weights, head and frozen parts of a network; weights are `none` only where nothing was lost."""

import pytest
from small_programs import followed, found, names, reading, said, training, why

from diagnose.training.pytorch.network import own_name

PLAIN = "model = models.resnet50(weights=None)\nmodel.fc = nn.Linear(2048, 10)\n"
OWN = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear(8, 10)
    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
"""


def read(tmp_path, model, **parts):
    return reading(tmp_path, training(model=model, **parts))


@pytest.mark.parametrize(
    ("model", "line"),
    [
        (PLAIN + "import os\nif os.path.exists('w.pt'):\n    model.load_state_dict(torch.load('w.pt'))", True),
        (PLAIN + "state = {k: v for k, v in torch.load('w.pt').items() if 'fc' not in k}\n"
         "model.load_state_dict(state, strict=False) if state else None", True),
        (PLAIN + "own = model.state_dict()\nown.update(torch.load('w.pt'))\nmodel.load_state_dict(own)", True),
        (PLAIN + "own = model.state_dict()\nfor k, v in torch.load('w.pt').items():\n    own[k].copy_(v)", True),
        (PLAIN + "for p, q in zip(model.parameters(), torch.load('w.pt')):\n    p.data = q", True),
        (PLAIN + "nn.utils.vector_to_parameters(torch.load('w.pt'), model.parameters())", True),
        ("from elsewhere import restore\n" + PLAIN + "restore(model)", True),
        (OWN + "    def fetch(self):\n        for k, v in torch.load('w'):\n            self.state_dict()[k].copy_(v)\n"
         "model = Net()\nmodel.fetch()", True),
        ("from elsewhere import build\nmodel = build(10)", False),
        ("model = torch.load('whole.pt')", False),
        ("import os\nmodel = models.resnet50(weights=os.environ.get('W'))", False),
        ("from elsewhere import Encoder\nmodel = nn.Sequential(Encoder(), nn.Linear(512, 10))", False),
    ],
    ids=["guarded", "filtered", "merged", "copied", "data", "vector", "unread helper", "own method", "unread builder",
         "whole", "environment", "unread part"],
)  # fmt: skip
def test_weights_that_may_be_loaded_are_unknown_and_never_none(tmp_path, model, line):
    read_ = read(tmp_path, model)
    assert ("line" in why(read_, "weights")) >= line
    assert not found(read_, "C306")


def test_a_network_that_nothing_loads_into_has_no_weights(tmp_path):
    assert said(read(tmp_path, PLAIN), "weights") == "none"
    assert said(read(tmp_path, OWN + "model = Net()"), "weights") == "none"


def test_an_initialisation_is_no_load(tmp_path):
    init = (
        "def init(m):\n    if isinstance(m, nn.Linear):\n        nn.init.xavier_uniform_(m.weight)\nmodel.apply(init)"
    )
    assert said(read(tmp_path, PLAIN + init), "weights") == "none"


def test_the_last_load_before_training_counts(tmp_path):
    loads = "model.load_state_dict(torch.load('a.pt'))\nmodel.load_state_dict(torch.load('b.pt'))"
    assert said(read(tmp_path, PLAIN + loads), "weights") == "b.pt"


def test_a_load_after_training_does_not_count(tmp_path):
    read_ = read(tmp_path, PLAIN, end="model.load_state_dict(torch.load('best.pt'))")
    assert said(read_, "weights") == "none"


def test_a_load_from_a_pretrained_network_brings_its_weights(tmp_path):
    other = "model.load_state_dict(models.resnet50(weights='IMAGENET1K_V2').state_dict(), strict=False)"
    assert said(read(tmp_path, PLAIN + other), "weights") == "IMAGENET1K_V2"


@pytest.mark.parametrize(
    ("model", "name", "weights"),
    [
        ("import timm\nmodel = timm.create_model('convnext_tiny', True, num_classes=10)", "convnext_tiny", "imagenet"),
        ("import timm\nmodel = timm.create_model('vit_b', checkpoint_path='a.pt')", "vit_b", "a.pt"),
        ("model = models.get_model('resnet34', weights='DEFAULT')", "resnet34", "DEFAULT"),
        ("model = models.resnet18(weights=models.get_weight('ResNet18_Weights.IMAGENET1K_V1'))", "resnet18",
         "IMAGENET1K_V1"),
        ("model = models.resnet18(weights=models.ResNet18_Weights['DEFAULT'])", "resnet18", "DEFAULT"),
        ("from efficientnet_pytorch import EfficientNet\nmodel = EfficientNet.from_pretrained('efficientnet-b0')",
         "efficientnet-b0", "imagenet"),
        ("model = torch.hub.load('pytorch/vision', 'resnet50', pretrained=True)", "resnet50", "imagenet"),
        ("model = nn.DataParallel(models.resnet18(weights='DEFAULT'))", "resnet18", "DEFAULT"),
    ],
)  # fmt: skip
def test_a_librarys_network_says_its_name_and_weights(tmp_path, model, name, weights):
    read_ = read(tmp_path, model)
    assert (said(read_, "model"), said(read_, "weights")) == (name, weights)


def test_an_own_network_takes_its_class_or_makers_name(tmp_path):
    assert said(read(tmp_path, OWN + "model = Net()"), "model") == "net"
    made = OWN + "def TinyNet():\n    return Net()\nmodel = TinyNet()"
    assert said(read(tmp_path, made), "model") == "tinynet"


def test_a_network_that_an_unread_builder_makes_is_unknown(tmp_path):
    read_ = read(tmp_path, "from elsewhere import build\nmodel = build(10)")
    assert said(read_, "model") == said(read_, "head") == "?"
    assert not read_.program.own_model


@pytest.mark.parametrize(
    ("head", "outputs"),
    [
        ("model.fc = nn.Linear(2048, 7)", 7),
        ("model.fc = nn.Sequential(nn.Dropout(), nn.Linear(2048, 7), nn.Softmax(dim=1))", 7),
        ("", 1000),
        ("import json\nmodel.fc = nn.Linear(2048, json.load(open('n')))", "?"),
        ("class Head(nn.Module):\n    def forward(self, x):\n        return x\nmodel.fc = Head()", "?"),
    ],
)
def test_the_heads_size_is_of_the_layer_that_reaches_the_loss(tmp_path, head, outputs):
    assert said(read(tmp_path, "model = models.resnet50(weights=None)\n" + head), "head") == outputs


def test_a_network_of_several_possible_ones_is_unknown_with_both_named(tmp_path):
    choice = ("import os\nif os.environ.get('BIG'):\n    model = models.resnet101(weights='DEFAULT')\n"
              "else:\n    model = models.resnet18(weights=None)")  # fmt: skip
    read_ = read(tmp_path, choice)
    assert said(read_, "model") == "?"
    assert said(read_, "weights") == "?"


@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        ("loss = criterion(torch.softmax(model(x), 1), y)", "softmax"),
        ("loss = F.nll_loss(F.log_softmax(model(x), dim=1), y)", "log_softmax"),
        ("loss = criterion(model(x).sigmoid().squeeze(1), y)", "sigmoid"),
        ("loss = criterion(model(x), y)", "none"),
        ("loss = F.nll_loss(torch.log(F.softmax(model(x), 1)), y)", "log_softmax"),
        ("loss = F.nll_loss(model(x).softmax(1).log(), y)", "log_softmax"),
        ("loss = F.nll_loss(torch.log(torch.softmax(model(x), -1) + 1e-8), y)", "log_softmax"),
        ("z = model(x)\nloss = F.nll_loss(z - z.logsumexp(1, keepdim=True), y)", "?"),
        ("z = model(x).exp()\nloss = F.nll_loss((z / z.sum(1, keepdim=True)).log(), y)", "?"),
        ("loss = criterion(torch.logit(torch.sigmoid(model(x))), y)", "?"),
        ("loss = criterion(model(x) / 0.5 + torch.log(prior), y)", "none"),
        ("z = model(x)\nif input():\n    z = F.softmax(z, 1)\nloss = criterion(z, y)", "?"),
    ],
)
def test_the_activation_before_the_loss(tmp_path, loss, activation):
    assert said(reading(tmp_path, training(loss=loss)), "output_activation") == activation


def test_a_softmax_that_ends_an_own_part_of_a_librarys_network_is_seen(tmp_path):
    head = ("class Head(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            "        self.out = nn.Linear(2048, 10)\n    def forward(self, x):\n"
            "        return torch.softmax(self.out(x), 1)\nmodel = models.resnet50()\nmodel.fc = Head()")  # fmt: skip
    read_ = read(tmp_path, head)
    assert (said(read_, "output_activation"), said(read_, "head")) == ("softmax", 10)


INFERENCE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = models.resnet50()
        self.body.fc = nn.Linear(2048, 10)
    def forward(self, x):
        z = self.body(x)
        {condition}
            z = F.softmax(z, dim=1)
        return z
model = Net()
"""


@pytest.mark.parametrize(
    ("condition", "activation"), [("if not self.training:", "none"), ("if self.training:", "softmax")]
)
def test_what_a_network_does_in_the_other_mode_is_not_what_the_loss_gets(tmp_path, condition, activation):
    read_ = read(tmp_path, INFERENCE.format(condition=condition))
    assert said(read_, "output_activation") == activation
    assert found(read_, "C307") == (activation == "softmax")


@pytest.mark.parametrize(
    ("forward", "frozen"),
    [
        ("with torch.no_grad():\n            f = self.body(x)\n        return self.head(f.flatten(1))", ("backbone",)),
        ("return self.head(self.body(x).flatten(1).detach())", ("backbone",)),
        ("f = self.body(x).flatten(1)\n        return self.head(f) + self.head(f.detach())", ()),
        ("return self.head(self.body(x).flatten(1))", ()),
    ],
)
def test_what_no_gradient_reaches_is_frozen(tmp_path, forward, frozen):
    own = ("class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
           "        self.body = nn.Sequential(*list(models.resnet50(weights='DEFAULT').children())[:-1])\n"
           "        self.head = nn.Linear(2048, 10)\n"
           f"    def forward(self, x):\n        {forward}\nmodel = Net()")  # fmt: skip
    assert said(read(tmp_path, own), "frozen") == frozen


def test_a_module_that_only_prepares_the_images_is_no_other_network(tmp_path):
    own = ("class Norm(nn.Module):\n    def forward(self, x):\n        return (x - 0.5) / 0.5\n"
           "model = nn.Sequential(Norm(), models.resnet50(weights='DEFAULT'))")  # fmt: skip
    read_ = read(tmp_path, own)
    assert (said(read_, "model"), said(read_, "weights")) == ("resnet50", "DEFAULT")


@pytest.mark.parametrize(
    ("freeze", "frozen"),
    [
        ("for p in model.parameters():\n    p.requires_grad = False\nmodel.fc = nn.Linear(2048, 10)", ("backbone",)),
        ("for p in model.layer1.parameters():\n    p.requires_grad = False", ("layer1",)),
        ("for p in model.parameters():\n    if torch.rand(1) > 0.5:\n        p.requires_grad = False", "?"),
        ("import json\nfor p in model.parameters():\n    p.requires_grad = json.load(open('x'))", "?"),
        ("for p in model.parameters():\n    p.requires_grad = False\nfor p in model.parameters():\n"
         "    p.requires_grad = True", ()),
    ],
)  # fmt: skip
def test_frozen_parts_are_known_only_where_no_condition_decides(tmp_path, freeze, frozen):
    assert said(read(tmp_path, PLAIN + freeze), "frozen") == frozen


def test_a_backbone_that_runs_without_gradients_is_frozen(tmp_path):
    own = """
class Probe(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = models.resnet50(weights='DEFAULT')
        self.head = nn.Linear(1000, 10)
    def forward(self, x):
        with torch.no_grad():
            features = self.body(x)
        return self.head(features)
model = Probe()
"""
    assert said(read(tmp_path, own), "frozen") == ("backbone",)


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "hf_hub:timm/vit_tiny_patch16_224.augreg_in21k"])
def test_the_head_of_a_network_of_timms_has_timms_name(tmp_path, name):
    body = f"""\
import timm
model = timm.create_model("{name}", pretrained=True, num_classes=8)
for p in model.parameters():
    p.requires_grad = False
for p in model.head.parameters():
    p.requires_grad = True
"""
    reading = read(tmp_path, body)
    assert reading.config.frozen.value == ("backbone",)
    assert reading.config.model.value == name
    assert reading.program.network_from == "timm"


@pytest.mark.parametrize(
    ("maker", "name"), [("ResNet9", "ResNet9"), ("build_model", None), ("make_net", None), ("get", None)]
)
def test_a_network_takes_the_name_of_the_function_that_makes_it_where_that_is_one(tmp_path, maker, name):
    text = f"from torch import nn\nclass Net(nn.Module):\n    pass\ndef {maker}():\n    return Net()\nx = {maker}()"
    assert own_name(names(followed(tmp_path, text))["x"]) == (name or "Net").lower()


APART = """
backbone = models.resnet50({weights})
backbone.fc = nn.Identity()
backbone.cuda().eval()
model = nn.Linear(2048, 10)
"""


@pytest.mark.parametrize(
    ("weights", "features", "model", "frozen"),
    [
        ("", "with torch.no_grad():\n    x = backbone(x)", "resnet50", ("backbone",)),
        ("weights='DEFAULT'", "with torch.no_grad():\n    x = backbone(x)", "resnet50", ("backbone",)),
        ("", "x = backbone(x).detach()", "resnet50", ("backbone",)),
        ("", "x = x.flatten(1)", "linear", ()),
    ],
)
def test_a_head_on_the_features_of_a_frozen_network(tmp_path, weights, features, model, frozen):
    read = reading(tmp_path, training(model=APART.format(weights=weights), batch=features))
    assert (said(read, "model"), said(read, "frozen"), said(read, "head")) == (model, frozen, 10)
    assert found(read, "C306") is (model == "resnet50" and not weights)
    assert not found(read, "C313")


def test_a_layer_that_is_replaced_by_a_name_that_is_not_known(tmp_path):
    replaced = "model = models.resnet50()\nsetattr(model, torch.load('name'), nn.Linear(2048, 7))"
    assert "may replace its last layer" in why(reading(tmp_path, training(model=replaced)), "head")
