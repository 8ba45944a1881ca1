import torch


def build_optimizer(cfg, net):
    if cfg.SOLVER.NAME == "SGD":
        return torch.optim.SGD(net.parameters(), cfg.SOLVER.BASE_LR,
                               momentum=cfg.SOLVER.MOMENTUM,
                               weight_decay=cfg.SOLVER.WEIGHT_DECAY)
    if cfg.SOLVER.NAME == "AdamW":
        return torch.optim.AdamW(net.parameters(), cfg.SOLVER.BASE_LR,
                                 weight_decay=cfg.SOLVER.WEIGHT_DECAY)
    raise KeyError(cfg.SOLVER.NAME)


def build_lr_scheduler(cfg, optimizer):
    return torch.optim.lr_scheduler.MultiStepLR(optimizer, list(cfg.SOLVER.STEPS), cfg.SOLVER.GAMMA)
