"""Each repair applies to the fault it is for, and to nothing that is sound."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import resnet18

from diagnose.network.repairs.table import REPAIRS, applying, repaired, seen_at
from diagnose.network.repairs.weights import he_ratio

BY_NAME = {repair.name: repair for repair in REPAIRS}
SHORTCUTS, STEM, HE = "shortcuts", "a stem for small images", "He initialisation"
UNUSED, TWICE = "the batch norm that forward() never used", "one activation in place of two"
INSERTED, RAW, RELU = (
    "batch norm after each convolution",
    "outputs without an activation",
    "ReLU in place of sigmoid and tanh",
)
EPS, ZERO = "batch norm's default eps", "zero-initialised last batch norms"


def he(model):
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
    return model


def block(width, norm=True, act=nn.ReLU):
    parts = [nn.Conv2d(width, width, 3, padding=1), *([nn.BatchNorm2d(width)] if norm else []), act()]
    return parts


def plain(convolutions=4, head=(), **more):
    body = [part for _ in range(convolutions) for part in block(8, **more)]
    end = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3), *head]
    return he(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), *body, *end))


class Lists(nn.Module):
    """Batch norms in a list of their own, which forward() calls, drops or forgets."""

    def __init__(self, use):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)])
        self.bns = nn.ModuleList([nn.BatchNorm2d(4), nn.BatchNorm2d(8)])
        self.fc, self.use = nn.Linear(8, 3), use
        he(self)

    def forward(self, x):
        for conv, bn in zip(self.convs, self.bns, strict=True):
            x = conv(x)
            if self.use == "drops":
                bn(x)
            elif self.use == "calls":
                x = bn(x)
            x = F.relu(x)
        return self.fc(x.mean((2, 3)))


def found(model, side=32, trained_at=None):
    seen = seen_at(model, side, trained_at)
    return {repair.name: fault for repair, fault in applying(model, seen, side)}


def changed(name, model, side=32):
    return repaired(BY_NAME[name], model, seen_at(model, side), side)


def test_a_sound_network_is_offered_choices_alone():
    assert found(resnet18(num_classes=3), 128) == {ZERO: False}
    assert found(Lists("calls")) == {}


@pytest.mark.parametrize("use", ["drops", "forgets"])
def test_unused_batch_norm_is_put_after_its_convolution(use):
    model = Lists(use)
    assert found(model)[UNUSED] is True
    assert INSERTED not in found(model)
    better = changed(UNUSED, model)
    images = torch.randn(2, 3, 8, 8)
    wanted = copy.deepcopy(model)
    wanted.use = "calls"
    assert torch.allclose(better(images), wanted(images), atol=1e-5)
    assert copy.deepcopy(better)(images).shape == (2, 3)
    assert not model.convs[0]._forward_hooks  # the person's own stays as it was


def test_batch_norm_is_inserted_where_there_is_none():
    better = changed(INSERTED, plain(norm=False))
    assert sum(isinstance(module, nn.BatchNorm2d) for module in better.modules()) == 5
    assert found(plain(norm=False))[INSERTED] is False
    assert INSERTED not in found(plain())


class Twice(nn.Module):
    def __init__(self, first=F.relu, second=torch.sigmoid):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(8, 3)
        self.first, self.second = first, second

    def forward(self, x):
        return self.fc(self.second(self.first(self.bn(self.conv(x)))).mean((2, 3)))


def test_of_two_activations_the_second_is_left_out():
    model = Twice().eval()
    better = changed(TWICE, model).eval()
    images = torch.randn(2, 3, 8, 8)
    model.eval()
    assert torch.allclose(better(images), model.fc(F.relu(model.bn(model.conv(images))).mean((2, 3))), atol=1e-6)
    assert found(model)[TWICE] is True


def test_relu_after_relu_a_gate_and_one_activation_are_no_fault():
    assert TWICE not in found(Twice(F.relu, F.relu))
    assert TWICE not in found(Twice(lambda x: x, torch.sigmoid))
    assert TWICE not in found(Twice(lambda x: x, lambda x: x * torch.sigmoid(x)))


def test_an_activation_before_and_after_a_norm_is_one_too_many():
    twice = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.LazyLinear(3))
    twice(torch.randn(2, 3, 16, 16))
    assert TWICE in found(twice, 16)


def test_saturating_activations_become_relu_but_for_gates():
    assert RELU in found(plain(act=nn.Sigmoid))
    assert RELU not in found(Twice(lambda x: x, lambda x: x * torch.sigmoid(x)))


def test_an_activation_on_the_outputs_is_left_out():
    model = plain(head=(nn.ReLU(),))
    assert found(model)[RAW] is True
    better = changed(RAW, model)
    assert float(better(torch.randn(16, 3, 32, 32)).detach().min()) < 0
    assert RAW not in found(plain(head=(nn.LogSoftmax(1),)))


def test_shortcuts_go_around_pairs_and_around_blocks():
    flat = changed(SHORTCUTS, plain(6))
    assert sum(name.endswith("diagnose_shortcut") for name, _ in flat.named_modules()) == 3
    stages = [nn.Sequential(*block(8), *block(8), *block(8)) for _ in range(3)]
    end = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3)]
    blocks = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), *stages, *end)
    around = changed(SHORTCUTS, he(blocks))
    assert sum(name.endswith("diagnose_shortcut") for name, _ in around.named_modules()) == 3
    assert around(torch.randn(2, 3, 16, 16)).shape == (2, 3)
    assert SHORTCUTS not in found(resnet18(num_classes=3), 128)
    assert found(plain(6))[SHORTCUTS] is False
    assert found(plain(22))[SHORTCUTS] is True


def test_a_shortcut_follows_a_change_of_shape():
    narrow = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), *block(8), nn.MaxPool2d(2), *block(8), *block(8), nn.Conv2d(8, 16, 3, 2, 1),
        nn.ReLU(), *block(16), *block(16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 3),
    )  # fmt: skip
    better = changed(SHORTCUTS, he(narrow))
    assert better(torch.randn(2, 3, 32, 32)).shape == (2, 3)
    assert sum(p.numel() for p in better.parameters()) > sum(p.numel() for p in narrow.parameters())


def test_initial_weights_on_another_scale_are_drawn_by_he():
    model = plain()
    for parameter in model.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter)
    assert found(model)[HE] is True
    better = changed(HE, model)
    ratios = [he_ratio(module) for module in better.modules() if isinstance(module, nn.Conv2d)]
    assert max(abs(ratio - 1) for ratio in ratios) < 0.3
    assert HE not in found(plain())


def test_a_large_eps_is_set_back():
    model = plain()
    model[2].eps = 0.1
    assert found(model)[EPS] is True
    assert changed(EPS, model)[2].eps == 1e-5


def test_residual_blocks_start_as_the_identity():
    better = changed(ZERO, resnet18(num_classes=3), 128)
    assert float(better.layer1[0].bn2.weight.detach().abs().max()) == 0
    assert float(better.layer2[0].downsample[1].weight.detach().abs().max()) == 1
    assert ZERO not in found(plain())


def test_a_stem_that_leaves_one_pixel_is_made_for_small_images():
    model = resnet18(num_classes=3)
    assert found(model, 64)[STEM] is True
    assert STEM not in found(model, 64, 128)  # the person trains at 128 px
    better = changed(STEM, model, 64)
    assert seen_at(better, 64).last_side == 4
    assert better(torch.randn(2, 3, 64, 64)).shape == (2, 3)


def test_a_network_that_fixes_its_shapes_is_left_alone():
    model = nn.Sequential(nn.Conv2d(3, 8, 7, 4), nn.MaxPool2d(4), nn.Conv2d(8, 8, 3), nn.Flatten(), nn.LazyLinear(3))
    model(torch.randn(2, 3, 64, 64))
    assert STEM not in found(model, 64)
