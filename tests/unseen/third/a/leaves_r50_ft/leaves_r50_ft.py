# python tools/train.py configs/leaves_r50_ft/leaves_r50_ft.py --amp
_base_ = [
    './_base_/resnet50.py',
    './_base_/sgd_bs256.py',
    './_base_/runtime.py',
]

num_classes = 12
data_root = 'data/leaves'
max_epochs = 50
warmup = 3

model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/resnet/'
            'resnet50_8xb32_in1k_20210831-ea4938fc.pth',
            prefix='backbone')),
    head=dict(num_classes=num_classes, topk=(1, 3)))

data_preprocessor = dict(
    num_classes=num_classes,
    # RGB
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    # images come in as BGR
    to_rgb=True)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='RandomResizedCrop', scale=224, crop_ratio_range=(0.3, 1.0), backend='pillow'),
    dict(type='RandomFlip', prob=0.5, direction='horizontal'),
    dict(type='ColorJitter', brightness=0.2, contrast=0.2, saturation=0.2),
    dict(type='PackInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='ResizeEdge', scale=256, edge='short', backend='pillow'),
    dict(type='CenterCrop', crop_size=224),
    dict(type='PackInputs'),
]

train_dataloader = dict(
    batch_size=32,
    num_workers=6,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='CustomDataset',
        data_root=data_root,
        data_prefix='train',
        with_label=True,
        pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=64,
    num_workers=6,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='CustomDataset',
        data_root=data_root,
        data_prefix='val',
        with_label=True,
        pipeline=test_pipeline))
test_dataloader = dict(
    batch_size=64,
    num_workers=6,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='CustomDataset',
        data_root=data_root,
        data_prefix='test',
        with_label=True,
        pipeline=test_pipeline))

val_evaluator = dict(type='Accuracy', topk=(1, 3))
test_evaluator = [
    dict(type='Accuracy', topk=(1, 3)),
    dict(type='SingleLabelMetric', items=['precision', 'recall', 'f1-score']),
]

# one card, 32 pictures a step
optim_wrapper = dict(optimizer=dict(lr=0.005))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=True, begin=0, end=warmup, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', T_max=max_epochs - warmup, eta_min=1e-5, by_epoch=True, begin=warmup, end=max_epochs),
]
train_cfg = dict(max_epochs=max_epochs)

default_hooks = dict(checkpoint=dict(save_best='accuracy/top1', max_keep_ckpts=2))
randomness = dict(seed=2023, deterministic=False)
work_dir = './work_dirs/leaves_r50_ft'
