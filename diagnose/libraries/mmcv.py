"""Converts configurations of version 0 (mmcv's runners, mmcls) to version 1."""

from __future__ import annotations

from diagnose.interpreter.values import Const, Table, Value, plain
from diagnose.libraries.mmpretrain import argument, type_of

POLICIES = {"step": "MultiStepLR", "CosineAnnealing": "CosineAnnealingLR", "cosine": "CosineAnnealingLR",
            "poly": "PolyLR", "exp": "ExponentialLR", "Exp": "ExponentialLR",
            "CosineRestart": "CosineRestartLR"}  # fmt: skip


def modern(settings: Table) -> Table:
    """A configuration of version 0 (mmcls, mmcv's runners) converted to version 1."""
    data, at = settings.pairs["data"], settings.at
    pairs = dict(settings.pairs) | {"__old__": Const(at, True)}
    for side, word in (("train", "train_dataloader"), ("val", "val_dataloader")):
        part, own = argument(data, side), argument(data, f"{side}_dataloader")
        if part is None or not isinstance(data, Table):
            continue
        size = argument(own, "samples_per_gpu") or argument(data, "samples_per_gpu")
        workers = argument(own, "workers_per_gpu") or argument(data, "workers_per_gpu")
        shuffle = argument(own, "shuffle") or Const(data.at, side == "train")
        given = {"dataset": part, "batch_size": size, "num_workers": workers, "shuffle": shuffle}
        pairs[word] = Table(data.at, {name: value for name, value in given.items() if value is not None})
    optimizer = argument(settings, "optimizer")
    clipping = argument(argument(settings, "optimizer_config"), "grad_clip")
    wrapper = {"optimizer": optimizer, "clip_grad": clipping, "paramwise_cfg": argument(optimizer, "paramwise_cfg")}
    pairs["optim_wrapper"] = Table(at, {name: value for name, value in wrapper.items() if value is not None})
    epochs = argument(argument(settings, "runner"), "max_epochs") or argument(settings, "total_epochs")
    by_epoch = Const(at, "Iter" not in type_of(argument(settings, "runner")))
    pairs["train_cfg"] = Table(at, {"by_epoch": by_epoch, **({"max_epochs": epochs} if epochs else {})})
    schedule = argument(settings, "lr_config")
    if isinstance(schedule, Table) and (found := _old_schedule(schedule)) is not None:
        pairs["param_scheduler"] = found
    return Table(at, pairs, settings.partial)


def _old_schedule(given: Table) -> Value | None:
    policy = plain(argument(given, "policy"))
    if policy == "fixed":
        return None
    kind = POLICIES.get(str(policy))
    pairs: dict[str, Value] = {"type": Const(given.at, kind or str(policy))}
    for old, new in (("gamma", "gamma"), ("min_lr", "eta_min"), ("power", "power"), ("by_epoch", "by_epoch")):
        if (value := argument(given, old)) is not None:
            pairs[new] = value
    step = argument(given, "step")
    if kind == "MultiStepLR" and step is not None:
        by_number = isinstance(step, Const)
        pairs |= {
            "type": Const(given.at, "StepLR" if by_number else kind),
            "step_size" if by_number else "milestones": step,
        }
    return Table(given.at, pairs)
