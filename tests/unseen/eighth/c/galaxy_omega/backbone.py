import logging

import torch
import torchvision

log = logging.getLogger("galaxy")


def classifier_from_byol(model_cfg, checkpoint):
    """torchvision network, its body from the BYOL run (a Lightning checkpoint), its head new."""
    net = getattr(torchvision.models, model_cfg.name)(weights=None, num_classes=model_cfg.n_classes)
    source = torch.load(checkpoint, map_location="cpu")["state_dict"]
    body = {k[len(model_cfg.prefix):]: v for k, v in source.items() if k.startswith(model_cfg.prefix)}
    body = {k: v for k, v in body.items() if not k.startswith("fc.")}

    report = net.load_state_dict(body, strict=False)
    if report.unexpected_keys or set(report.missing_keys) != {"fc.weight", "fc.bias"}:
        raise RuntimeError(f"{checkpoint} does not fit: {report}")
    log.info("%d tensors taken from %s", len(body), checkpoint)
    return net
