"""Configurations of version 0: the same training as in the words of version 1."""

import pytest
from corpus_reading import findings
from small_programs import said

from diagnose.config.read import read_configuration
from diagnose.model import BgrImages, Severity

OLD = """
model = dict(
    type='ImageClassifier', pretrained='torchvision://resnet18',
    backbone=dict(type='ResNet', depth=18), neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=5, in_channels=512, loss=dict(type='CrossEntropyLoss')))
img_norm_cfg = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True)
train_pipeline = [
    dict(type='LoadImageFromFile'), dict(type='RandomResizedCrop', size=224),
    dict(type='RandomFlip', flip_prob=0.5, direction='horizontal'), dict(type='Normalize', **img_norm_cfg),
    dict(type='ImageToTensor', keys=['img']), dict(type='ToTensor', keys=['gt_label']),
    dict(type='Collect', keys=['img', 'gt_label'])]
test_pipeline = [
    dict(type='LoadImageFromFile'), dict(type='Resize', size=(256, -1)), dict(type='CenterCrop', crop_size=224),
    dict(type='Normalize', **img_norm_cfg), dict(type='ImageToTensor', keys=['img']), dict(type='Collect', keys=['img'])]
data = dict(
    samples_per_gpu=32, workers_per_gpu=2,
    train=dict(type='ImageNet', data_prefix='t', ann_file='t.txt', pipeline=train_pipeline),
    val=dict(type='ImageNet', data_prefix='v', ann_file='v.txt', pipeline=test_pipeline))
optimizer = dict(type='SGD', lr=0.001, momentum=0.9, weight_decay=0.0001)
optimizer_config = dict(grad_clip=dict(max_norm=5))
lr_config = dict(policy='step', step=[15])
runner = dict(type='EpochBasedRunner', max_epochs=20)
"""


@pytest.fixture
def reading(tmp_path):
    def run(text):
        (tmp_path / "own.py").write_text(text)
        return read_configuration(str(tmp_path / "own.py"))

    return run


def test_it_is_read_in_the_words_of_version_1(reading):
    read = reading(OLD)
    expected = {
        "model": "resnet18", "weights": "imagenet", "head": 5, "optimizer": "sgd", "learning_rate": 0.001,
        "schedule": "multistep", "epochs": 20, "batch_size": 32, "shuffle": True, "input_size": 224,
        "mean": (123.675, 116.28, 103.53), "scaling": (), "val_input_size": 224, "val_augmentations": (),
    }  # fmt: skip
    assert {name: said(read, name) for name in expected} == expected
    assert dict(read.config.optimizer_options.value)["clip_norm"] == 5
    assert not [one for one in findings(read) if one.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("policy", "schedule"),
    [("policy='step', step=5", "step"), ("policy='CosineAnnealing', min_lr=0", "cosine"), ("policy='fixed'", "constant"),
     ("policy='poly', power=1.0", "polynomial"), ("policy='own'", "?")],
)  # fmt: skip
def test_schedules_by_their_policies(reading, policy, schedule):
    assert said(reading(OLD.replace("policy='step', step=[15]", policy)), "schedule") == schedule


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]", "[0.48] * 3, std=[0.23] * 3", "N204"),
        ("dict(type='Normalize', **img_norm_cfg),", "", "N201"),
        ("lr=0.001", "lr=50", "C302"),
        ("step=[15]", "step=[30]", "C326"),
        ("dict(type='CenterCrop', crop_size=224)", "dict(type='RandomResizedCrop', size=224)", "N209"),
    ],
)
def test_faults_are_found(reading, old, new, code):
    found = {one.code for one in findings(reading(OLD.replace(old, new))) if one.severity is not Severity.INFO}
    assert code in found


def test_images_that_stay_in_blue_green_red(reading):
    assert reading(OLD.replace("to_rgb=True", "to_rgb=False")).program.facts(BgrImages)
    assert not reading(OLD).program.facts(BgrImages)
