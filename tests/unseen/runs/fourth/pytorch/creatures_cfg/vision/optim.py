import math

import torch


def build_optimizer(cfg, model, epochs, steps_per_epoch):
    head = [p for n, p in model.named_parameters() if n.startswith("fc.")]
    body = [p for n, p in model.named_parameters() if not n.startswith("fc.")]
    groups = [{"params": body, "lr": cfg["lr"]}, {"params": head, "lr": cfg["lr"] * cfg["head_lr_mult"]}]
    kind = getattr(torch.optim, cfg["type"])
    extra = {"momentum": cfg["momentum"]} if cfg["type"] == "SGD" else {}
    optimizer = kind(groups, lr=cfg["lr"], weight_decay=cfg["weight_decay"], **extra)

    warmup, total = cfg["warmup_iters"], epochs * steps_per_epoch

    def factor(step):
        if step < warmup:
            return 0.1 + 0.9 * step / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
