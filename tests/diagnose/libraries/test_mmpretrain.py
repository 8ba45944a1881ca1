"""What the types of a configuration's parts come to, and what is not known of them."""

import pytest

from diagnose.interpreter.values import Items, clause, plain
from diagnose.libraries import mmpretrain
from diagnose.libraries.networks import architecture
from diagnose.model import Location

AT = Location("a.py", 1)


@pytest.mark.parametrize(
    ("backbone", "name"),
    [
        ("type='ResNet', depth=34", "resnet34"),
        ("type='mmpretrain.ResNet', depth=50", "resnet50"),
        ("type='ResNeXt', depth=101, groups=32, width_per_group=8", "resnext101_32x8d"),
        ("type='SEResNet', depth=50", "seresnet50"),
        ("type='MobileNetV2', widen_factor=1.0", "mobilenet_v2"),
        ("type='MobileNetV3', arch='large'", "mobilenet_v3_large"),
        ("type='EfficientNet', arch='b3'", "efficientnet_b3"),
        ("type='ConvNeXt', arch='small'", "convnext_small"),
        ("type='SwinTransformer', arch='base'", "swin_base_patch4_window7_224"),
        ("type='VisionTransformer', arch='b', img_size=384, patch_size=32", "vit_base_patch32_384"),
        ("type='VisionTransformer', arch='deit-small'", "deit_small_patch16_224"),
        ("type='TIMMBackbone', model_name='regnety_040', pretrained=True", "regnety_040"),
        ("type='T2T_ViT', img_size=224", "t2t_vit"),
    ],
)
def test_a_backbone_is_a_library_network(read, names, backbone, name):
    text = f"model = dict(type='ImageClassifier', backbone=dict({backbone}), head=dict(num_classes=5))"
    reader = read(text)
    model = next(iter(reader.modules.values())).names["model"]
    made = mmpretrain.network(reader, model, partial=False)
    assert architecture(made) == name
    assert plain(made.kwargs["num_classes"]) == 5


@pytest.mark.parametrize(
    ("loss", "name", "smoothing"),
    [
        ("type='CrossEntropyLoss', loss_weight=1.0", "CrossEntropyLoss", None),
        ("type='CrossEntropyLoss', use_sigmoid=True", "BCEWithLogitsLoss", None),
        ("type='LabelSmoothLoss', label_smooth_val=0.2, mode='original'", "CrossEntropyLoss", 0.2),
    ],
)
def test_a_loss_is_torchs(read, loss, name, smoothing):
    reader = read(f"model = dict(head=dict(loss=dict({loss})))")
    made = mmpretrain.criterion(reader, next(iter(reader.modules.values())).names["model"])
    assert (made.short, plain(made.kwargs.get("label_smoothing"))) == (name, smoothing)


def test_a_loss_that_is_not_known_says_so(read):
    reader = read("model = dict(head=dict(loss=dict(type='AsymmetricLoss')))")
    assert "AsymmetricLoss" in clause(mmpretrain.criterion(reader, next(iter(reader.modules.values())).names["model"]))


@pytest.mark.parametrize(
    ("step", "names_of"),
    [
        ("dict(type='LoadImageFromFile')", []),
        ("dict(type='Resize', scale=(256, -1))", ["Resize"]),
        ("dict(type='RandomFlip', prob=0.5, direction='vertical')", ["RandomVerticalFlip"]),
        ("dict(type='RandomFlip', flip_prob=0)", []),
        ("dict(type='RandomErasing', erase_prob=0.2)", ["RandomErasing"]),
        ("dict(type='Normalize', mean=[1, 2, 3], std=[1, 1, 1])", ["PILToTensor", "Normalize"]),
        ("dict(type='RandomApply', transforms=[dict(type='ColorJitter')], prob=0.8)", ["RandomApply"]),
        ("dict(type='Albu', transforms=[dict(type='HueSaturationValue', p=0.1)])", ["HueSaturationValue"]),
        ("dict(type='Own')", [""]),
    ],
)
def test_a_step_of_a_pipeline_is_a_transform(names, step, names_of):
    pipeline = names(f"x = [{step}]")["x"]
    made = mmpretrain.transform(pipeline, [], AT).args[0].items
    assert [one.short for one in made if one.short != "PILToTensor" or "PILToTensor" in names_of] == names_of


def test_the_dataset_beneath_others_counts(names):
    x = names("x = dict(type='RepeatDataset', times=3, dataset=dict(type='CIFAR10', pipeline=[]))")["x"]
    assert mmpretrain.dataset(x, [], AT).name == "torchvision.datasets.CIFAR10"
    lost = mmpretrain.dataset(None, [], AT)
    assert "not read" in clause(lost)
    assert isinstance(mmpretrain.transform(names("x = []")["x"], [], AT).args[0], Items)
