norm = dict(type='Normalize', mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])

train_steps = [
    dict(type='RandomResizedCrop', size=256, scale=(0.5, 1.0)),
    dict(type='RandomHorizontalFlip', p=0.5),
    dict(type='RandomVerticalFlip', p=0.5),
    dict(type='ToTensor'),
    norm,
]
val_steps = [
    dict(type='Resize', size=292),
    dict(type='CenterCrop', size=256),
    dict(type='ToTensor'),
    norm,
]

train_dataloader = dict(
    batch_size=32,
    num_workers=6,
    drop_last=True,
    persistent_workers=True,
    pin_memory=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='RockFolder', root='data/rocks/train', steps=train_steps),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=6,
    persistent_workers=True,
    pin_memory=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='RockFolder', root='data/rocks/val', steps=val_steps),
)
val_evaluator = dict(type='Top1')
val_cfg = dict()
