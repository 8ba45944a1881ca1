"""Forward passes of one network under a variant; its statistics, mode and weights are put back afterwards."""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from diagnose.autopsy.assembling import State
from diagnose.autopsy.inputs import Pictures, valued
from diagnose.autopsy.variants import BATCH, ESTIMATED, FULL, LOW, Variant
from diagnose.model.checkpoint import Feed
from diagnose.probing.threads import Threads

BATCH_SIZE = 64
ESTIMATED_ON = 128  # training images that batch norm's statistics are re-estimated on
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


@dataclass
class Network:
    """A network to evaluate. others: further weights of it, by its own names, for the variants AVERAGED and WHOLE.
    autocast: the type of 16 bits that it computes in, "" for none. threads: None where their number stays. seconds,
    images: spent so far."""

    model: nn.Module
    device: torch.device
    others: Mapping[str, State] = field(default_factory=dict)
    autocast: str = ""
    threads: Threads | None = None
    seconds: float = 0.0
    images: float = 0.0
    _estimates: dict[Feed, list[State]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.model.to(memory_format=torch.channels_last)  # up to twice as fast on a CPU

    @property
    def norms(self) -> list[nn.Module]:
        """Its batch norms that have running statistics."""
        return [one for one in self.model.modules() if isinstance(one, NORMS) and one.running_mean is not None]

    @property
    def rate(self) -> float:
        """Images per second as written, by what was done so far."""
        return self.images / self.seconds if self.seconds else 1.0

    @torch.inference_mode()
    def outputs(
        self, pictures: Pictures, variant: Variant, first: int, last: int, train: Pictures | None = None
    ) -> Tensor:
        """float32 (N, outputs) of the images in that range. train: on which statistics are re-estimated."""
        began = time.perf_counter()
        with self._changed(variant, train):
            given = []
            for at in range(first, last, BATCH_SIZE):
                started = time.perf_counter()
                pixels = pictures.made(variant.feed, at, min(at + BATCH_SIZE, last))
                given.append(self._forward(valued(pixels, variant.feed), variant))
                if self.threads is not None:
                    self.threads.adapt(variant.feed.size, (time.perf_counter() - started) / len(pixels))
        self.seconds += time.perf_counter() - began
        self.images += (last - first) * variant.cost
        return torch.cat(given)

    def _forward(self, images: Tensor, variant: Variant) -> Tensor:
        images = images.to(self.device, memory_format=torch.channels_last)
        low = "bfloat16" if variant.network == LOW else self.autocast if variant.network != FULL else ""
        weight = next(self.model.parameters(), images)
        images = images.to(weight.dtype)
        with torch.autocast(self.device.type, getattr(torch, low or "bfloat16"), enabled=bool(low)):
            given = _first(self.model(images))
        return given.float().reshape(len(images), -1).cpu()

    @contextlib.contextmanager
    def _changed(self, variant: Variant, train: Pictures | None) -> Iterator[None]:
        self.model.eval()
        changing = variant.feed.mode == "train" or variant.network in (BATCH, ESTIMATED)
        norms = self.norms if changing else []
        stored = [copy.deepcopy(one.state_dict()) for one in norms]
        weights: State | None = None
        low = next(self.model.parameters(), torch.zeros(1)).dtype
        try:
            if variant.feed.mode == "train":
                self.model.train()
            if variant.network in self.others:
                weights = {key: value.clone() for key, value in self.model.state_dict().items()}
                self.model.load_state_dict({**weights, **self.others[variant.network]})
            elif variant.network == FULL:
                self.model.float()
            elif variant.network == BATCH:
                for one in norms:
                    one.train()
            elif variant.network == ESTIMATED and train is not None:
                for one, state in zip(norms, self._estimated(norms, variant, train), strict=True):
                    one.load_state_dict(state)
            yield
        finally:
            if weights is not None:
                self.model.load_state_dict(weights)
            if variant.network == FULL:
                self.model.to(low)
            for one, state in zip(norms, stored, strict=True):
                one.load_state_dict(state)
            self.model.eval()

    def _estimated(self, norms: list[nn.Module], variant: Variant, train: Pictures) -> list[State]:
        """New running statistics: the mean over batches of training images, as torch.optim.swa_utils.update_bn."""
        if variant.feed not in self._estimates:
            momenta = [one.momentum for one in norms]
            for one in norms:
                one.reset_running_stats()  # type: ignore[operator]
                one.momentum = None  # type: ignore[assignment]
                one.train()
            last = min(len(train), ESTIMATED_ON)
            for at in range(0, last, BATCH_SIZE):
                if min(at + BATCH_SIZE, last) - at > 1:
                    pixels = train.made(variant.feed, at, min(at + BATCH_SIZE, last))
                    self._forward(valued(pixels, variant.feed), variant)
            self._estimates[variant.feed] = [copy.deepcopy(one.state_dict()) for one in norms]
            for one, momentum in zip(norms, momenta, strict=True):
                one.momentum = momentum
            self.model.eval()
        return self._estimates[variant.feed]


def _first(outputs: object) -> Tensor:
    """The class scores of what a network returns: a tensor, or the first or the `logits` of several."""
    if isinstance(outputs, Tensor):
        return outputs
    logits = getattr(outputs, "logits", None)
    if isinstance(logits, Tensor):
        return logits
    if isinstance(outputs, dict):
        return _first(outputs.get("logits", next(iter(outputs.values()))))
    if isinstance(outputs, tuple | list):
        return _first(outputs[0])
    raise TypeError(f"it returns a {type(outputs).__name__}, not class scores")
