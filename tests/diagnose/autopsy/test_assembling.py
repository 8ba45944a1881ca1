import pytest
import torch
from torch import nn
from torchvision import models

from diagnose.autopsy.assembling import assemble, named, with_values
from diagnose.model import InputError, Tensors


def given(build):
    torch.manual_seed(0)
    return build().eval()


def resnet(head):
    model = models.resnet18()
    model.fc = head
    return model


class Wrapped(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(*list(models.resnet18().children())[:-1])
        self.head = nn.Linear(512, 3)

    def forward(self, x):
        return self.head(self.backbone(x).flatten(1))


NETWORKS = {
    "plain": (lambda: models.resnet18(num_classes=7), "resnet18"),
    "dropout": (lambda: resnet(nn.Sequential(nn.Dropout(), nn.Linear(512, 7))), "resnet18"),
    "hidden": (lambda: resnet(nn.Sequential(nn.Linear(512, 9), nn.ReLU(), nn.Linear(9, 7))), "resnet18"),
    "one layer": (lambda: _with(models.mobilenet_v3_small(), "classifier", nn.Linear(576, 4)), "mobilenet_v3_small"),
    "children": (Wrapped, "resnet18"),
    "squeezenet": (lambda: models.squeezenet1_1(num_classes=4), "squeezenet1_1"),
}


def _with(model, name, layer):
    setattr(model, name, layer)
    return model


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_named_by_its_tensors_and_answers_as_the_one_that_was_saved(name):
    build, arch = NETWORKS[name]
    model = given(build)
    state = model.state_dict()
    found = named(state)
    assert found is not None
    assert found[0] == arch
    made = assemble(found[0], state)
    assert (made.tensors.missing, made.tensors.misshapen, made.tensors.extra) == ((), (), ())
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(made.model(images), model(images), atol=1e-5)


@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod.", "net.module."])
def test_prefixes_are_taken_off(prefix):
    state = {f"{prefix}{key}": value for key, value in models.resnet18(num_classes=5).state_dict().items()}
    found = named(state)
    assert found == ("resnet18", True)
    assert assemble("resnet18", state).prefix == prefix


def test_a_stem_for_small_images_is_made_as_its_kernel_shows():
    model = models.resnet18(num_classes=5)
    model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    model.maxpool = nn.Identity()
    made = assemble("resnet18", model.state_dict())
    assert made.notes
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.allclose(made.model(images), model.eval()(images), atol=1e-5)


def test_a_network_of_grey_images():
    model = models.resnet18(num_classes=5)
    model.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
    assert assemble("resnet18", model.state_dict()).channels == 1


def test_a_network_of_somebodys_own_is_not_named():
    assert named(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8, 2)).state_dict()) is None


def test_another_architecture_does_not_fit():
    with pytest.raises(InputError, match="of the"):
        assemble("resnet18", models.squeezenet1_1().state_dict())


def test_missing_tensors_are_named():
    state = models.resnet18(num_classes=5).state_dict()
    del state["layer1.0.conv1.weight"]
    assert assemble("resnet18", state).tensors.missing == ("layer1.0.conv1.weight",)


def test_values_that_say_something():
    state = models.resnet18(num_classes=5).state_dict()
    state["fc.weight"][0, 0] = float("nan")
    state["layer1.0.conv1.weight"].zero_()
    state["bn1.running_mean"] += 1
    tensors = with_values(Tensors(), state)
    assert tensors.not_finite == ("fc.weight",)
    assert tensors.constant == ("layer1.0.conv1.weight",)
    assert len(tensors.untrained) == tensors.norms - 1
