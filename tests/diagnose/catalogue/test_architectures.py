import pytest
import torch
from torch import nn
from torchvision import models

from diagnose.catalogue import architectures

MODELS = [
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "efficientnet_v2_s",
    "inception_v3",
    "googlenet",
    "maxvit_t",
    "mnasnet0_5",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "resnet18",
    "resnext50_32x4d",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "swin_t",
    "vgg11",
    "vgg11_bn",
    "vit_b_32",
    "wide_resnet50_2",
]


def test_every_classifier_of_torchvision_is_known():
    assert [name for name in models.list_models(module=models) if architectures.find(name) is None] == []


@pytest.mark.parametrize("name", MODELS)
def test_batch_norm_stem_and_parts_are_torchvisions(name):
    entry = architectures.find(name)
    more = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
    with torch.device("meta"):
        model = models.get_model(name, weights=None, **more)
    has = any(isinstance(module, nn.BatchNorm2d) for module in model.modules())
    assert entry.batch_norm in (has, None)
    assert entry.parts[-1] in dict(model.named_children())
    first = next(module for module in model.modules() if isinstance(module, nn.Conv2d))
    if "convolution" in entry.stem and "three" not in entry.stem:
        assert f"{first.kernel_size[0]}×" in entry.stem
        assert f"stride {first.stride[0]}" in entry.stem


@pytest.mark.parametrize(
    ("name", "family", "wants"),
    [
        ("ResNet50", "ResNet", "caffe"), ("ResNet50V2", "ResNet", "tf"),
        ("MobileNetV3Large", "MobileNetV3", "built in"),
        ("MobileNetV2", "MobileNetV2", "tf"), ("DenseNet121", "DenseNet", "torch"), ("EfficientNetV2B0",
        "EfficientNetV2", "built in"), ("tf_efficientnet_b0.ns_jft_in1k", "EfficientNet", "built in"),
        ("deit_tiny_patch16_224", "DeiT", ""), ("swin_tiny_patch4_window7_224", "Swin", ""),
        ("vit-base-patch16-224", "ViT", ""), ("InceptionResNetV2", "Inception", "tf"),
    ],
)  # fmt: skip
def test_names_of_libraries_are_found(name, family, wants):
    entry = architectures.find(name)
    assert (entry.family, entry.keras) == (family, wants)


def test_another_network_is_not_known():
    assert architectures.find("my_net") is None
    assert architectures.find(None) is None


@pytest.mark.parametrize("name", [one.prefixes[0] for one in architectures.ARCHITECTURES if one.timm])
def test_parts_that_timm_calls_otherwise_are_timms(name):
    timm = pytest.importorskip("timm", reason="timm isn't installed")
    arch = {"vit": "vit_tiny_patch16_224", "convnext": "convnext_tiny", "vgg": "vgg11", "regnet": "regnety_002",
            "maxvit": "maxvit_tiny_tf_224"}[name]  # fmt: skip
    with torch.device("meta"):
        children = dict(timm.create_model(arch).named_children())
    assert set(architectures.find(arch).timm) <= set(children)


def test_a_name_on_the_hub_is_no_factory():
    assert architectures.without_hub("hf_hub:timm/resnet50.a1_in1k") == "timm/resnet50.a1_in1k"
    assert architectures.find("hf-hub:timm/vit_tiny_patch16_224").family == "ViT"
    assert [architectures.is_factory(name) for name in ("nets:build", "hf_hub:timm/resnet50", "resnet50")] == [
        True, False, False,
    ]  # fmt: skip


def test_every_counterpart_of_a_keras_network_can_be_built():
    pytest.importorskip("timm", reason="timm isn't installed")
    from diagnose.probing.architectures import canonical, source_of

    assert architectures.counterpart("efficientnetb0") == ("EfficientNetB0", "efficientnet_b0")
    assert architectures.counterpart("my_net") is None
    for name in architectures.KERAS.values():
        by = source_of(canonical(name))
        assert by is not None, name
        assert (by.library == "timm") == name.startswith("timm/")
