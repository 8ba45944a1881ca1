_base_ = ['./base/data.py', './base/runtime.py']

work_dir = 'work/resnet34_rocks'

model = dict(
    type='RockClassifier',
    arch='resnet34',
    weights='IMAGENET1K_V1',
    num_classes=7,
)

# half precision, the wrapper scales the loss by itself
optim_wrapper = dict(
    type='AmpOptimWrapper',
    loss_scale='dynamic',
    optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=5e-4, nesterov=True),
    clip_grad=dict(max_norm=5.0),
)

max_epochs = 50
train_cfg = dict(by_epoch=True, max_epochs=max_epochs, val_interval=1)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, eta_min=1e-5, by_epoch=True,
         convert_to_iter_based=True),
]

train_dataloader = dict(batch_size=48)
