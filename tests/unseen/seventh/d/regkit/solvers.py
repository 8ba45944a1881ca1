import torch
from registry import LR_RULE, OPTIM


@OPTIM("sgd")
def sgd(parameters, lr, momentum=0.0, weight_decay=0.0):
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay)


@OPTIM("adam")
def adam(parameters, lr, weight_decay=0.0):
    return torch.optim.Adam(parameters, lr=lr, weight_decay=weight_decay)


@LR_RULE("milestones")
def milestones(optimizer, at, factor):
    return torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=at, gamma=factor)


@LR_RULE("constant")
def constant(optimizer):
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: 1.0)
