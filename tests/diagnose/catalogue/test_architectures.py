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
