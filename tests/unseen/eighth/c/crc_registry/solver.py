import torch

from registry import OPTIMS, SCHEDULES


@OPTIMS("adamw")
def _adamw(params, lr, wd):
    return torch.optim.AdamW(params, lr=lr, weight_decay=wd)


@OPTIMS("sgd")
def _sgd(params, lr, wd, momentum=0.9):
    return torch.optim.SGD(params, lr=lr, weight_decay=wd, momentum=momentum)


@SCHEDULES("step")
def _step(optimizer, every, gamma):
    return torch.optim.lr_scheduler.StepLR(optimizer, step_size=every, gamma=gamma)


@SCHEDULES("cosine")
def _cosine(optimizer, epochs):
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
