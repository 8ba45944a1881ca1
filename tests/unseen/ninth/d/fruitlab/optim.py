import torch

from registry import OPTIMIZERS, SCHEDULES

OPTIMIZERS.register('adamw')(torch.optim.AdamW)
OPTIMIZERS.register('sgd')(torch.optim.SGD)


@SCHEDULES.register('onecycle')
def onecycle(optimizer, steps_per_epoch, epochs, max_lr, pct_start=0.2):
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=max_lr, total_steps=steps_per_epoch * epochs, pct_start=pct_start)


@SCHEDULES.register('cosine')
def cosine(optimizer, steps_per_epoch, epochs):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps_per_epoch * epochs)
