import logging

import torch
import torchvision

logger = logging.getLogger("leafnet")

ARCHS = {
    "resnet18": torchvision.models.resnet18,
    "resnet50": torchvision.models.resnet50,
    "resnext50": torchvision.models.resnext50_32x4d,
}


def initialise(net, path):
    """take over everything from `path` whose shape fits (the classifier does not)"""
    source = torch.load(path, map_location="cpu")
    if "state_dict" in source:
        source = source["state_dict"]
    source = {k[len("module."):] if k.startswith("module.") else k: v for k, v in source.items()}
    target = net.state_dict()
    fitting = {k: v for k, v in source.items() if k in target and v.shape == target[k].shape}
    skipped = sorted(set(target) - set(fitting))
    logger.info("%s: %d tensors, left as they are: %s", path, len(fitting), ", ".join(skipped))
    target.update(fitting)  # fault: C324
    return net


def build_model(cfg):
    net = ARCHS[cfg.MODEL.ARCH](num_classes=cfg.MODEL.NUM_CLASSES)
    if cfg.MODEL.INIT_FROM:
        net = initialise(net, cfg.MODEL.INIT_FROM)
    return net
