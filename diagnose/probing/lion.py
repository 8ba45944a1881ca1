"""Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"), which torch does not have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch.optim import Optimizer


class Lion(Optimizer):
    """The sign of an interpolated momentum, with decoupled weight decay. betas: of the step, and of the momentum."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One step; no closure is called."""
        for group in self.param_groups:
            quick, slow = group["betas"]
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                momentum = self.state[parameter].setdefault("momentum", torch.zeros_like(parameter))
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(torch.sign(momentum.lerp(parameter.grad, 1 - quick)), alpha=-group["lr"])
                momentum.lerp_(parameter.grad, 1 - slow)
