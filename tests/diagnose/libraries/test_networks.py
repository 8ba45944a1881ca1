"""Parts and parameters of networks as far as a program's text says them."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Either, Thing, plain, unknown
from diagnose.libraries import networks
from diagnose.model import Location

AT = Location("a.py", 1)
HEAD = "import torch, timm\nfrom torch import nn\nfrom collections import OrderedDict\n"
HEAD += "from torchvision import datasets, models\n"


def value(tmp_path, text):
    return names(followed(tmp_path, HEAD + text))["x"]


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("x = nn.Linear(2, 2)", True),
        ("x = models.resnet18()", True),
        ("x = timm.create_model('vit')", True),
        ("x = models.resnet18().layer1", True),
        ("class N(nn.Module): pass\nx = N()", True),
        ("class N:\n    def forward(self, a): pass\nx = N()", True),
        ("class N: pass\nx = N()", False),
        ("x = nn.CrossEntropyLoss()", False),
        ("x = nn.functional.relu(3)", False),
        ("x = torch.load('a')", True),
        ("x = models.resnet18()(3)", False),
    ],
)
def test_what_is_a_network(tmp_path, text, network):
    found = value(tmp_path, text)
    assert networks.is_network(found) is network


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x = models.resnet18()", "resnet18"),
        ("x = timm.create_model('convnext_tiny')", "convnext_tiny"),
        ("x = timm.create_model(input())", None),
        ("x = torch.hub.load('pytorch/vision', 'resnet34')", "resnet34"),
        ("x = models.get_model('vgg16')", "vgg16"),
        ("x = models.ResNet18_Weights.get_state_dict()", None),
        ("x = nn.Linear(1, 1)", None),
    ],
)
def test_the_architecture_of_a_librarys_network(tmp_path, text, name):
    assert networks.architecture(value(tmp_path, text)) == name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x = nn.Sequential(nn.Linear(1, 2), nn.ReLU())", ["0", "1"]),
        ("x = nn.Sequential(OrderedDict([('a', nn.Linear(1, 2)), ('b', nn.ReLU())]))", ["a", "b"]),
        ("x = nn.ModuleList([nn.Linear(1, 2)])", ["0"]),
        ("x = models.vgg16()", ["features", "avgpool", "classifier"]),
        (
            "class N(nn.Module):\n    def __init__(self):\n        self.a, n = nn.Linear(1, 2), 3\nx = N()",
            ["a"],
        ),
        ("x = nn.Linear(1, 2)", []),
    ],
)
def test_the_parts_of_a_network_by_name(tmp_path, text, parts):
    assert [name for name, _ in networks.children(None, value(tmp_path, text))] == parts


def test_parts_that_are_not_known_are_not_none_at_all():
    assert networks.children(None, unknown(Reason.RUN, "it is loaded", AT)) is None
    (only,) = networks.parameters(unknown(Reason.RUN, "it is loaded", AT))
    assert only[0] == ""  # it stands for what is not known


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x = nn.Linear(1, 2)", 2),
        ("x = nn.Linear(1, 2, bias=False)", 1),
        ("x = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.BatchNorm2d(8))", 4),
        ("x = models.resnet50()", 161),
        ("x = models.resnet18()", 62),
        ("x = models.resnet50()\nx.fc = nn.Sequential(nn.Dropout(), nn.Linear(2048, 3))", 161),
        ("class N(nn.Module):\n    def __init__(self):\n        self.scale = nn.Parameter(torch.ones(1))\nx = N()", 1),
    ],
)
def test_the_parameters_of_a_network_are_as_many_as_torch_has(tmp_path, text, count):
    found = list(networks.parameters(value(tmp_path, text)))
    assert len(found) == count
    assert len({name for name, _ in found}) == count


def test_parameters_are_the_same_objects_each_time(tmp_path):
    net = value(tmp_path, "x = models.resnet18()")
    assert [id(p) for _, p in networks.parameters(net)] == [id(p) for _, p in networks.parameters(net)]


def test_one_of_several_networks_has_parameters_without_a_name():
    both = Either(AT, (Thing(AT, name="torch.nn.Linear"), Thing(AT, name="torch.nn.ReLU")))
    assert [name for name, _ in networks.parameters(both)] == [""]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("x = nn.Sequential(nn.ReLU(), nn.Sequential(nn.ReLU(), nn.Linear(1, 2)))", "Linear"),
        ("x = models.resnet18()", "child:fc"),
        ("x = models.resnet18()\nx.fc = nn.Conv2d(1, 2, 3)", "Conv2d"),
        ("x = models.vgg16()\nx.classifier[6] = nn.Linear(4096, 3)", "Linear"),
        ("x = models.vit_b_16()\nx.heads.head = nn.Linear(768, 3)", "Linear"),
        ("x = models.vgg16()", "child:classifier"),
        ("x = models.vgg16()\nx.classifier[-1] = nn.Identity()", "Identity"),
        (
            "x = models.vgg16()\nx.classifier = nn.Sequential(*list(x.classifier.children())[:-1], nn.Conv2d(1, 2, 3))",
            "Conv2d",
        ),
        ("class N(models.ResNet):\n    def __init__(self):\n        self.fc = nn.Conv2d(1, 2, 3)\nx = N()", "Conv2d"),
    ],
)
def test_the_last_layer_of_a_network(tmp_path, text, last):
    assert networks.last_layer(value(tmp_path, text)).short == last


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("x = models.resnet50().fc.in_features", 2048),
        ("x = models.resnet18().fc.in_features", 512),
        ("x = nn.Linear(7, 3).in_features", 7),
        ("x = nn.Linear(7, 3).out_features", 3),
        ("x = len(datasets.CIFAR10('a').classes)", 10),
        ("x = nn.Sequential(nn.Linear(7, 3), nn.ReLU())[0].out_features", 3),
        ("x = len(nn.Sequential(nn.ReLU(), nn.ReLU()))", "?"),
        ("x = len(datasets.ImageFolder('a').classes)", "?"),
        ("x = models.vgg16().classifier[6].in_features", 4096),
        ("x = models.vgg16().classifier[0].in_features", 25088),
        ("x = models.vgg16(num_classes=5).classifier[-1].out_features", 5),
        ("x = models.alexnet().classifier[1].in_features", 9216),
        ("x = len(list(models.alexnet().classifier.children()))", 7),
    ],
)
def test_sizes_that_follow_from_what_is_known(tmp_path, text, known):
    assert plain(value(tmp_path, text), "?") == known


@pytest.mark.parametrize(
    ("text", "training"),
    [
        ("", True),
        ("n.eval()", False),
        ("n.eval()\nn.train()", True),
        ("n.train(False)", False),
        ("nn.Sequential(n).eval()", False),
        ("n.train(input())", "?"),
    ],
)
def test_a_module_knows_its_mode(tmp_path, text, training):
    own = "class N(nn.Module):\n    def forward(self, a):\n        return a\nn = N()\n"
    assert plain(value(tmp_path, f"{own}{text}\nx = n.training"), "?") is training or training == "?"


def test_an_object_that_is_no_network_has_no_mode_of_its_own(tmp_path):
    assert plain(value(tmp_path, "class C: pass\nx = C().training"), "?") == "?"


def test_a_buffer_is_an_attribute(tmp_path):
    own = ("class N(nn.Module):\n    def __init__(self):\n        self.register_buffer('mean', torch.tensor([1, 2]))\n"
           "    def forward(self, a):\n        return a\nx = N().mean")  # fmt: skip
    assert plain(value(tmp_path, own)) == [1, 2]


def test_parameters_are_distinguished_by_their_ids(tmp_path):
    text = ("n = models.resnet18()\nids = list(map(id, n.fc.parameters()))\n"
            "x = len(list(filter(lambda p: id(p) not in ids, n.parameters())))")  # fmt: skip
    assert plain(value(tmp_path, text)) == 60
    assert plain(value(tmp_path, "x = id(3)"), "?") == "?"


def test_a_class_over_a_librarys_network_has_parameters_that_are_not_known(tmp_path):
    x = value(tmp_path, "class N(models.ResNet):\n    pass\nx = N()")
    assert networks.is_network(x)
    assert [name for name, _ in networks.parameters(x)] == [""]


def test_a_data_parallel_network_is_looked_through(tmp_path):
    assert networks.architecture(value(tmp_path, "x = nn.DataParallel(models.resnet18()).module")) == "resnet18"


def test_the_classes_of_a_dataset_that_is_not_public_are_not_counted():
    assert networks.class_count(Thing(AT, name="torchvision.datasets.ImageFolder")) is None
    assert networks.class_count(Const(AT, 1)) is None


def test_vit_pytorch_is_known_with_its_head(tmp_path):
    from small_programs import reading, said, training

    model = "from vit_pytorch import ViT\nmodel = ViT(image_size=224, patch_size=16, num_classes=7, dim=64, depth=2)"
    read = reading(tmp_path, training(model=model))
    assert (said(read, "model"), said(read, "weights"), said(read, "head")) == ("vit", "none", 7)
