import math
import random

import numpy as np
import torch


def seed_all(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)
    torch.cuda.manual_seed_all(s)


def split_decay(model, wd):
    skip = model.no_weight_decay() if hasattr(model, "no_weight_decay") else set()
    a, b = [], []
    for n, p in model.named_parameters():
        if p.ndim <= 1 or n in skip:
            b.append(p)
        else:
            a.append(p)
    return [dict(params=a, weight_decay=wd), dict(params=b, weight_decay=0.0)]


def warm_cosine(warm, total):
    def f(t):
        if t < warm:
            return (t + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (t - warm) / max(1, total - warm))))
    return f


# from the old segmentation project, kept for the plots
def iou(a, b):
    return (a & b).sum() / max(1, (a | b).sum())
