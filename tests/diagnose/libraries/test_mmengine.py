"""Configurations of mmengine: files over files, what the Runner makes of them, and the commands that name them."""

import pytest
from corpus_reading import findings
from small_programs import said, why

from diagnose.config.read import read_configuration
from diagnose.model import BgrImages, Severity

MODEL = """
model = dict(
    type='ImageClassifier',
    backbone=dict(type='ResNet', depth=50, num_stages=4, style='pytorch'),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', num_classes=1000, in_channels=2048,
              loss=dict(type='CrossEntropyLoss', loss_weight=1.0)))
"""
DATA = """
data_preprocessor = dict(num_classes=1000, mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='RandomResizedCrop', scale=224),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
    dict(type='PackInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='ResizeEdge', scale=256, edge='short'),
    dict(type='CenterCrop', crop_size=224),
    dict(type='PackInputs'),
]
train_dataloader = dict(
    batch_size=32, num_workers=5,
    dataset=dict(type='CustomDataset', data_root='data', data_prefix='train', pipeline=train_pipeline),
    sampler=dict(type='DefaultSampler', shuffle=True))
val_dataloader = dict(
    batch_size=32, num_workers=5,
    dataset=dict(type='CustomDataset', data_root='data', data_prefix='val', pipeline=test_pipeline),
    sampler=dict(type='DefaultSampler', shuffle=False))
val_evaluator = dict(type='Accuracy')
"""
SCHEDULE = """
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=0.0001))
param_scheduler = dict(type='MultiStepLR', by_epoch=True, milestones=[30, 60, 90], gamma=0.1)
train_cfg = dict(by_epoch=True, max_epochs=100, val_interval=1)
val_cfg = dict()
randomness = dict(seed=0)
load_from = None
"""
BASED = """
_base_ = ['base/model.py', 'base/data.py', 'base/schedule.py']
model = dict(
    backbone=dict(frozen_stages=2, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')),
    head=dict(num_classes=20))
optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=0.0005, weight_decay=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=True, begin=0, end=5, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min=1e-6, by_epoch=True, begin=5)]
train_cfg = dict(max_epochs=30)
"""
NEW = """
from mmengine.config import read_base
from torch.optim import SGD
from mmpretrain.models import ImageClassifier, LinearClsHead, ResNet, LabelSmoothLoss
with read_base():
    from .base.data import *
    from .base.schedule import *
model = dict(
    type=ImageClassifier,
    backbone=dict(type=ResNet, depth=18),
    head=dict(type=LinearClsHead, num_classes=20, in_channels=512,
              loss=dict(type=LabelSmoothLoss, label_smooth_val=0.1)))
optim_wrapper.update(dict(optimizer=dict(type=SGD, lr=0.05, momentum=0.9, weight_decay=1e-4)))
"""
TOOL = """
import argparse
from mmengine.config import Config, DictAction
from mmengine.registry import RUNNERS
from mmengine.runner import Runner
parser = argparse.ArgumentParser()
parser.add_argument('config')
parser.add_argument('--amp', action='store_true')
parser.add_argument('--cfg-options', nargs='+', action=DictAction)
args = parser.parse_args()
cfg = Config.fromfile(args.config)
if args.amp:
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
if args.cfg_options is not None:
    cfg.merge_from_dict(args.cfg_options)
runner = Runner.from_cfg(cfg) if 'runner_type' not in cfg else RUNNERS.build(cfg)
runner.train()
"""
OWN = """
import torch.nn.functional as F
import torchvision
from torch.optim import SGD
from torch.utils.data import DataLoader
from torchvision import transforms as T
from mmengine.model import BaseModel
from mmengine.runner import Runner
class Net(BaseModel):
    def __init__(self):
        super().__init__()
        self.net = torchvision.models.resnet18(num_classes=10)
    def forward(self, imgs, labels, mode):
        x = self.net(imgs)
        if mode == 'loss':
            return {'loss': F.cross_entropy(x, labels)}
        return x, labels
def loader(train, *steps):
    way = T.Compose([*steps, T.ToTensor(), T.Normalize([0.491, 0.482, 0.447], [0.202, 0.199, 0.201])])
    return DataLoader(torchvision.datasets.CIFAR10('d', train=train, transform=way), batch_size=64, shuffle=train)
Runner(model=Net(), work_dir='w', train_dataloader=loader(True, T.RandomCrop(32, padding=4)),
       val_dataloader=loader(False), val_cfg=dict(), train_cfg=dict(by_epoch=True, max_epochs=5),
       optim_wrapper=dict(optimizer=dict(type=SGD, lr=0.01, momentum=0.9))).train()
"""
WHOLE = MODEL + DATA + SCHEDULE


@pytest.fixture
def reading(tmp_path, monkeypatch):
    """Reads a configuration with the usual ones to be based on, by a command line that ends in {}."""
    monkeypatch.chdir(tmp_path)

    def run(text, command="{}", **files):
        (tmp_path / "base").mkdir(exist_ok=True)
        usual = {"base/model.py": MODEL, "base/data.py": DATA, "base/schedule.py": SCHEDULE, "train.py": TOOL}
        for name, content in {**usual, **files, "own.py": text}.items():
            (tmp_path / name).write_text(content)
        return read_configuration(command.format("own.py"))

    return run


def errors(read):
    return {one.code for one in findings(read) if one.severity is Severity.ERROR}


def test_a_whole_file_is_what_the_runner_does(reading):
    read = reading(WHOLE)
    assert read.program.managed_by == "mmengine's Runner"
    expected = {
        "model": "resnet50", "weights": "none", "head": 1000, "loss": "cross_entropy", "optimizer": "sgd",
        "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.0001, "schedule": "multistep", "epochs": 100,
        "batch_size": 32, "shuffle": True, "input_size": 224, "scaling": (), "mean": (123.675, 116.28, 103.53),
        "std": (58.395, 57.12, 57.375), "train_augmentations": ("random_resized_crop", "random_horizontal_flip"),
        "val_augmentations": (), "val_input_size": 224, "seed": 0, "frozen": (), "output_activation": "none",
    }  # fmt: skip
    assert {name: said(read, name) for name in expected} == expected
    assert read.program.validates
    assert not errors(read)


def test_a_file_is_over_what_it_is_based_on(reading):
    read = reading(BASED)
    expected = {
        "model": "resnet50", "weights": "imagenet", "head": 20, "optimizer": "adamw", "learning_rate": 0.0005,
        "weight_decay": 0.05, "momentum": "?", "schedule": "cosine", "epochs": 30, "batch_size": 32,
        "frozen": ("conv1", "bn1", "layer1", "layer2"),
    }  # fmt: skip
    assert {name: said(read, name) for name in expected} == expected
    assert not errors(read)


def test_classes_may_be_given_in_place_of_names(reading):
    read = reading(NEW)
    expected = {"model": "resnet18", "head": 20, "learning_rate": 0.05, "batch_size": 32, "epochs": 100}
    assert {name: said(read, name) for name in expected} == expected
    assert not errors(read)


def test_a_line_may_change_what_the_file_is_based_on(reading):
    read = reading("_base_ = 'whole.py'\n_base_.model.head.num_classes = 7\n", **{"whole.py": WHOLE})
    assert (said(read, "head"), said(read, "learning_rate")) == (7, 0.1)


@pytest.mark.parametrize(
    ("command", "rate"),
    [
        ("train.py {}", 0.1),
        ("python train.py {} --amp", 0.1),
        ("train.py {} --cfg-options optim_wrapper.optimizer.lr=0.02 model.head.num_classes=5", 0.02),
        ("{} --cfg-options optim_wrapper.optimizer.lr=0.02", 0.02),
        ("python tools/train.py {} --work-dir w", 0.1),
        ("mim train mmpretrain {} --gpus 1", 0.1),
        ("bash tools/dist_train.sh {} 8", 0.1),
    ],
)
def test_a_command_line_that_ends_in_a_configuration(reading, command, rate):
    assert said(reading(WHOLE, command), "learning_rate") == rate


def test_a_runner_of_the_programs_own_objects(reading):
    read = reading(OWN)
    expected = {"model": "resnet18", "head": 10, "loss": "cross_entropy", "optimizer": "sgd", "learning_rate": 0.01,
                "epochs": 5, "batch_size": 64, "train_augmentations": ("random_crop",)}  # fmt: skip
    assert {name: said(read, name) for name in expected} == expected
    assert read.program.validates
    assert not errors(read)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (WHOLE.replace("[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]", "[0.48] * 3, std=[0.23] * 3"), "N204"),
        (WHOLE.replace("data_preprocessor =", "unused ="), "N201"),
        (BASED + "train_dataloader = dict(sampler=dict(shuffle=False))\n", "C312"),
        (BASED.replace("frozen_stages=2, ", "").replace("type='AdamW', lr=0.0005", "type='SGD', lr=50.0"), "C302"),
        (BASED.replace("frozen_stages=2, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')",
                       "frozen_stages=4"), "C306"),
        (NEW + "optim_wrapper.optimizer.lr = 90.0\n", "C302"),
    ],
)  # fmt: skip
def test_faults_are_found(reading, text, code):
    assert code in errors(reading(text))


def test_images_that_stay_in_blue_green_red(reading):
    turned = "model['backbone']['init_cfg'] = dict(type='Pretrained', checkpoint='torchvision://resnet50')\n"
    read = reading((WHOLE + turned).replace("to_rgb=True", "to_rgb=False"))
    assert [one.reader for one in read.program.facts(BgrImages)] == ["mmcv.imread"]
    assert not reading(WHOLE + turned).program.facts(BgrImages)


def test_what_is_not_there_leaves_the_rest_known(reading):
    text = BASED.replace("'base/model.py', 'base/data.py', ", "'gone/model.py', ").replace(
        "init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')", ""
    )
    read = reading(text)
    assert (said(read, "head"), said(read, "learning_rate"), said(read, "epochs")) == (20, 0.0005, 30)
    assert "not read" in why(read, "model")
    assert "not read" in why(read, "weights")
    assert not errors(read)
    assert any("gone/model.py" in note for note in read.notes)
    assert {"validation", "regularisation", "seed"} <= set.union(*(set(one.hides) for one in read.program.unfollowed))


def test_known_weights_stay_known_beside_what_is_not_there(reading):
    read = reading(BASED.replace("'base/schedule.py'", "'gone/schedule.py'"))
    assert (said(read, "weights"), said(read, "learning_rate")) == ("imagenet", 0.0005)


def test_weights_of_a_file(reading):
    path = "https://example.org/resnet50.pth"
    given = f"model['init_cfg'] = dict(type='Pretrained', checkpoint='{path}')\n"
    assert said(reading(WHOLE + given), "weights") == path
    assert said(reading(WHOLE.replace("load_from = None", "load_from = 'a.pth'")), "weights") == "a.pth"


def test_rates_of_backbone_and_head(reading):
    apart = "optim_wrapper['paramwise_cfg'] = dict(custom_keys={'backbone': dict(lr_mult=0.1)})\n"
    read = reading(WHOLE + apart)
    options = dict(read.config.optimizer_options.value)
    assert (options["head_rate"], options["backbone_rate"]) == (0.1, pytest.approx(0.01))
    scaled = reading(WHOLE + "auto_scale_lr = dict(enable=True, base_batch_size=256)\n")
    assert "scales it" in why(scaled, "learning_rate")


def test_epochs_and_validation_that_are_not_there(reading):
    read = reading(WHOLE.replace("by_epoch=True, max_epochs=100", "by_epoch=False, max_iters=9000"))
    assert "iterations" in why(read, "epochs")
    assert not reading(WHOLE.replace("val_cfg = dict()", "val_cfg = None")).program.validates


def test_a_detector_is_left_alone(reading):
    with pytest.raises(Exception, match="no training was found"):
        reading(WHOLE.replace("ImageClassifier", "FasterRCNN"))


PREPROCESSED = """
import torch
from mmengine.model import BaseModel
from mmengine.registry import MODELS
from mmengine.runner import Runner
from torchvision import datasets, models, transforms as T

@MODELS.register_module()
class Net(BaseModel):
    def __init__(self, data_preprocessor=None):
        super().__init__(data_preprocessor=data_preprocessor)
        self.net = models.resnet18(weights="DEFAULT")
    def forward(self, inputs, data_samples=None, mode="tensor"):
        scores = self.net(inputs)
        return dict(loss=torch.nn.functional.cross_entropy(scores, data_samples)) if mode == "loss" else scores

data = datasets.ImageFolder("a", T.Compose([T.RandomResizedCrop(224), T.PILToTensor()]))
PREPARED = dict(type="ImgDataPreprocessor", mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
Runner(
    model=MODEL, work_dir="w", train_dataloader=dict(batch_size=8, dataset=data, sampler=dict(shuffle=True)),
    train_cfg=dict(max_epochs=3), optim_wrapper=dict(optimizer=dict(type="SGD", lr=0.01)),
).train()
"""


@pytest.mark.parametrize(
    ("model", "mean"),
    [
        ("dict(type='Net', data_preprocessor=PREPARED)", (123.675, 116.28, 103.53)),
        ("Net(data_preprocessor=PREPARED)", "?"),
        ("dict(type='Net')", ()),
    ],
)
def test_the_preprocessor_works_on_the_batches_of_a_dataset_of_ones_own(tmp_path, model, mean):
    path = tmp_path / "train.py"
    path.write_text(PREPROCESSED.replace("MODEL,", f"{model},"))
    assert said(read_configuration(str(path)), "mean") == mean
