import sys

import timm
import torch
import yaml
from catalyst import dl
from catalyst.utils import set_global_seed

from data import get_loaders


def from_cfg(module, section, *args):
    kwargs = dict(section)
    return getattr(module, kwargs.pop("name"))(*args, **kwargs)


def main(path):
    with open(path) as fh:
        cfg = yaml.safe_load(fh)
    set_global_seed(cfg["seed"])

    m = cfg["model"]
    model = timm.create_model(m["name"], pretrained=m["pretrained"], num_classes=m["num_classes"])
    optimizer = from_cfg(torch.optim, cfg["optimizer"], model.parameters())
    scheduler = from_cfg(torch.optim.lr_scheduler, cfg["scheduler"], optimizer)

    runner = dl.SupervisedRunner(
        input_key="features", output_key="logits", target_key="targets", loss_key="loss"
    )
    runner.train(
        engine=dl.GPUEngine(),
        model=model,
        criterion=torch.nn.CrossEntropyLoss(),
        optimizer=optimizer,
        scheduler=scheduler,
        loaders=get_loaders(cfg["data"]),
        num_epochs=cfg["epochs"],
        callbacks=[
            dl.AccuracyCallback(
                input_key="logits", target_key="targets", topk=(1, 5), num_classes=m["num_classes"]
            ),
            dl.SchedulerCallback(mode="epoch", loader_key="valid", metric_key="loss"),
        ],
        loggers={"tb": dl.TensorboardLogger(logdir=f"./logs/{cfg['run']}")},
        logdir=f"./logs/{cfg['run']}",
        valid_loader="valid",
        valid_metric="accuracy01",
        minimize_valid_metric=False,
        verbose=True,
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "config.yaml")
