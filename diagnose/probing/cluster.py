"""Probe runs on a Ray cluster: what is going to be asked for runs at once, each training a task with a GPU of its own.

The session stays what it is. It finds these results where it would have found those of an earlier session.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from diagnose.children import join
from diagnose.dataset.cluster import connected
from diagnose.probing.cache import Cache
from diagnose.probing.clock import OutOfTime
from diagnose.probing.train import Images, Trained

if TYPE_CHECKING:
    from diagnose.probing.bench import Arm, Bench


class Cluster:
    """Runs under way elsewhere, by their key. It serves one bench; folders: where a person's modules are, which every
    node sees under the same path."""

    def __init__(self, address: str, folders: tuple[str, ...] = ()) -> None:
        """Raises InputError where no cluster answers."""
        self._ray, self._folders = connected(address), folders
        self._under_way: dict[str, Any] = {}
        self._shared: tuple[Any, ...] = ()

    def places(self, device: str) -> int:
        """Trainings that run at once: one per GPU, or one per processor on CPUs."""
        return max(1, int(self._ray.cluster_resources().get("GPU" if device == "cuda" else "CPU", 1)))

    def begin(self, bench: Bench, key: str, arm: Arm, seed: int, steps: int, halfway: bool) -> None:
        """Starts a training of the bench on the cluster."""
        if not self._shared:
            on_cpu = Images(*(getattr(bench.images, name).cpu() for name in Images.__dataclass_fields__))
            self._shared = (self._ray.put(on_cpu), self._ray.put(bench.weights), self._folders)
        gpus = 1 if bench.device.type == "cuda" else 0
        task = self._ray.remote(num_gpus=gpus, max_retries=3)(_trained)
        builder = bench.builders.get(arm.arch)
        self._under_way[key] = task.remote(
            *self._shared, builder, bench.device.type, bench.classes, bench.batch, arm, seed, steps, halfway,
            bench.glanced,
        )  # fmt: skip

    def __contains__(self, key: str) -> bool:
        return key in self._under_way

    def result(self, key: str, seconds: float) -> Trained | None:
        """The result, waited for; None where the cluster could not run it. Raises OutOfTime after `seconds`."""
        try:
            trained: Trained = self._ray.get(self._under_way.pop(key), timeout=None if math.isinf(seconds) else seconds)
        except self._ray.exceptions.GetTimeoutError:
            raise OutOfTime from None
        except self._ray.exceptions.RayError:
            return None
        return trained


def _trained(
    images: Images,
    weights: Any,
    folders: tuple[str, ...],
    builder: Callable[[int], nn.Module] | None,
    device: str,
    classes: int,
    batch: int,
    arm: Any,
    seed: int,
    steps: int,
    halfway: bool,
    glanced: int | None,
) -> Trained:
    """On a node: one training, as the session would have run it itself."""
    from diagnose.probing.bench import Bench

    join(folder for folder in folders if folder not in sys.path)
    there = torch.device(device)
    moved = replace(images, **{name: getattr(images, name).to(there) for name in Images.__dataclass_fields__})
    builders = {arm.arch: builder} if builder else {}
    bench = Bench(
        moved, classes, weights, batch, "", Cache(None), lambda event: None, glanced=glanced, builders=builders
    )
    bench.steps = steps
    return bench.trained(arm, seed, steps, halfway)[0]
