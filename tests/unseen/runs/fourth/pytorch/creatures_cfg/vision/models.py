import logging

import torch
import torch.nn as nn
from torchvision import models

logger = logging.getLogger(__name__)


def load_pretrained(model, path):
    """Fill everything but the classifier from a training checkpoint (saved under DataParallel)."""
    checkpoint = torch.load(path, map_location="cpu")
    source = {k.removeprefix("module."): v for k, v in checkpoint["state_dict"].items()}
    own = model.state_dict()
    usable = {k: v for k, v in source.items() if k in own and v.shape == own[k].shape}
    own.update(usable)
    model.load_state_dict(own)
    skipped = sorted(set(own) - set(usable))
    logger.info("loaded %d of %d tensors from %s, fresh: %s", len(usable), len(own), path, ", ".join(skipped))


def init_weights(module, kind):
    for m in module.modules():
        if isinstance(m, nn.Conv2d):
            if kind == "kaiming":
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif kind == "xavier":
                nn.init.xavier_uniform_(m.weight)
            elif kind == "normal":
                nn.init.normal_(m.weight, std=0.01)
            if m.bias is not None:
                nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, std=0.01)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.BatchNorm2d):
            nn.init.ones_(m.weight)
            nn.init.zeros_(m.bias)


def build_model(cfg):
    model = getattr(models, cfg["type"])(weights=None)
    model.fc = nn.Sequential(nn.Dropout(cfg["dropout"]), nn.Linear(model.fc.in_features, cfg["num_classes"]))
    if cfg.get("pretrained"):
        load_pretrained(model, cfg["pretrained"])
    if cfg.get("init"):
        init_weights(model, cfg["init"])
    return model
