import sys

import pytest
import torch
from tiny_networks import OTHER, TINY

from diagnose.model import InputError
from diagnose.probing import architectures as module
from diagnose.probing.architectures import canonical, choose, enlarged, known, source, trained_side


@pytest.fixture
def without_timm(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)


@pytest.mark.parametrize(
    ("said", "name", "library"),
    [
        ("resnet50", "resnet50", "torchvision"),
        ("ResNet50", "resnet50", "torchvision"),
        ("efficientnet_lite0", "efficientnet_lite0", "efficientnet-lite-pytorch"),
        ("timm/resnet50", "timm/resnet50", "timm"),
        ("resnet50.a1_in1k", "resnet50.a1_in1k", "timm"),
        ("timm/resnet50.a1_in1k", "resnet50.a1_in1k", "timm"),
        ("hf_hub:timm/resnet50.a1_in1k", "resnet50.a1_in1k", "timm"),
        ("hf-hub:timm/vit_tiny_patch16_224.augreg_in21k", "vit_tiny_patch16_224.augreg_in21k", "timm"),
        ("vit_tiny_patch16_224", "vit_tiny_patch16_224", "timm"),
        ("tf_efficientnet_b0", "tf_efficientnet_b0", "timm"),
    ],
)
def test_a_name_is_torchvisions_unless_it_says_timm(said, name, library):
    if library == "timm":
        pytest.importorskip("timm", reason="timm isn't installed")
    assert canonical(said) == name
    assert source(name).library == library
    assert known(said)


def test_what_no_library_has_is_unknown_with_the_nearest_name():
    pytest.importorskip("timm", reason="timm isn't installed")
    assert not known("resnet50.no_such_weights")
    assert not known("fasterrcnn_resnet50_fpn")  # it detects
    assert not known("hf_hub:somebody/net")
    assert not known(None)
    with pytest.raises(InputError, match=r"neither a torchvision nor a timm model \(did you mean efficientnet_b0\?\)"):
        source("eficientnet_b0")


def test_without_timm_the_message_says_how_to_install_it(without_timm):
    assert known("resnet50")
    assert not known("vit_tiny_patch16_224")
    with pytest.raises(InputError, match=r"pip install 'diagnose-training\[timm\]'"):
        source("vit_tiny_patch16_224")


def test_the_architecture_that_is_wanted_is_trained_where_it_can_be(without_timm):
    assert choose(OTHER, TINY, 32) == (OTHER, "")
    name, why = choose("vit_tiny_patch16_224", TINY, 32)
    assert name == TINY
    assert "timm, which may have it, isn't installed" in why
    assert why.endswith(f"so {TINY} was trained in its place")
    with pytest.raises(InputError, match="my_net"):
        choose("my_net", "your_net", 32)


@pytest.mark.parametrize(
    ("arch", "size", "side"),
    [
        (TINY, 40, 40),
        ("vit_b_32", 64, 64),  # built for the size
        ("vit_b_32", 40, 64),  # patches of 32 px
        ("inception_v3", 64, 96),
        ("maxvit_t", 64, 224),
        ("regnet_y_400mf", 64, 64),  # it can't be tried without storage
    ],
)
def test_images_are_enlarged_to_what_a_network_of_torchvision_takes(arch, size, side):
    assert trained_side(arch, size) == side


@pytest.mark.parametrize(
    ("arch", "size", "side"),
    [("test_vit", 64, 64), ("test_resnet", 32, 32), ("test_convnext", 64, 64), ("crossvit_tiny_240", 64, 240)],
)
def test_images_are_enlarged_to_what_a_network_of_timm_takes(arch, size, side):
    pytest.importorskip("timm", reason="timm isn't installed")
    assert trained_side(arch, size) == side


def test_that_images_are_enlarged_is_said():
    assert choose("maxvit_t", TINY, 64) == (
        "maxvit_t", "maxvit_t takes no images of 64 px, so they are enlarged to 224 px for it",
    )  # fmt: skip


def test_an_architecture_that_takes_no_size_is_replaced(monkeypatch):
    monkeypatch.setattr(module, "trained_side", lambda arch, size: size if arch == TINY else None)
    assert choose(OTHER, TINY, 32) == (
        TINY, f"{OTHER} takes images neither of 32 nor of 224 px, so {TINY} was trained in its place",
    )  # fmt: skip


def test_a_model_enlarges_what_it_is_given():
    model = torch.nn.Identity()
    enlarged(model, 96)
    assert model(torch.rand(2, 3, 64, 64)).shape == (2, 3, 96, 96)


@pytest.mark.slow
def test_families_that_take_any_side_do():
    names = [name for name in module.TORCHVISION.names() if module.ANY_SIDE.match(name)]
    assert len(names) > 40
    assert not module.ANY_SIDE.match("vit_b_16")
    assert not module.ANY_SIDE.match("inception_v3")
    for name in names:
        for side in (32, 33):
            assert module._takes(module.TORCHVISION, name, side), (name, side)
