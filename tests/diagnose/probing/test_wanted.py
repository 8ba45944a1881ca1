import sys
from types import ModuleType

import pytest

from diagnose.model import Config, Program, Setting
from diagnose.probing.wanted import wanted_architecture


@pytest.fixture
def with_timm(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", ModuleType("timm"))


def wanted(model, **program):
    code = Program(**{"framework": "pytorch", **program}) if program else None
    return wanted_architecture(Config(model=Setting(model, True)), code, "resnet50")


def test_without_a_configuration_or_a_model_it_is_what_the_command_says():
    assert wanted_architecture(None, None, "resnet18") == ("resnet18", ())
    assert wanted_architecture(Config(), None, "resnet18") == ("resnet18", ())


def test_a_name_is_taken_as_it_is():
    assert wanted("resnet34") == ("resnet34", ())
    assert wanted("hf_hub:timm/resnet50.a1_in1k") == ("hf_hub:timm/resnet50.a1_in1k", ())


def test_a_program_that_builds_with_timm_means_timms():
    assert wanted("resnet50", network_from="timm") == ("timm/resnet50", ())
    assert wanted("resnet50", network_from="torchvision") == ("resnet50", ())


def test_somebodys_own_network_is_replaced():
    assert wanted("nets:build") == ("resnet50", ("the probes ran on resnet50 in place of nets:build",))
    assert wanted("mynet", own_model=True) == ("resnet50", ("the probes ran on resnet50 in place of mynet",))


@pytest.mark.parametrize(
    ("name", "arch", "why"),
    [
        ("efficientnetb0", "efficientnet_b0", "Keras's EfficientNetB0 was probed as torchvision's efficientnet_b0"),
        ("xception", "timm/legacy_xception", "Keras's Xception was probed as timm's legacy_xception"),
        ("resnet50v2", "timm/resnetv2_50", "Keras's ResNet50V2 was probed as timm's resnetv2_50"),
        ("nasnetmobile", "resnet50", "the probes ran on resnet50 in place of Keras's nasnetmobile"),
    ],
)
def test_a_network_of_keras_is_its_counterpart(with_timm, name, arch, why):
    assert wanted(name, framework="keras") == (arch, (why,))


def test_a_counterpart_in_timm_needs_timm(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    arch, (why,) = wanted("xception", framework="keras")
    assert arch == "resnet50"
    assert "pip install 'diagnose-training[timm]'" in why
