"""Measures a network at initialisation: its stages, activations and gradients by depth, and one-batch overfitting.

Forward and backward passes are on standard normal images, on which a network that is initialised well keeps its
activations near one (He et al. 2015; Glorot and Bengio 2010).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, nll_loss
from torch.overrides import TorchFunctionMode

from diagnose.model.network import Layer, Measured, Stage
from diagnose.network.repairs.activations import described
from diagnose.network.repairs.norms import unused
from diagnose.network.repairs.tracing import trace
from diagnose.network.repairs.weights import BATCH_NORMS, WITH_WEIGHTS, he_ratio

BATCH = 8
OVERFIT_SIZE, OVERFIT_BATCH, OVERFIT_STEPS, OVERFIT_RATE = 64, 16, 40, 1e-3  # small images, for the time's sake
OTHER_NORMS = (nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d)
RELUS = ("relu", "relu_")
JOINS = ("AddBackward0", "CatBackward0")


def measure(model: nn.Module, classes: int, size: int) -> Measured:
    """What can be measured without training. size: pixels of the images' side."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(BATCH, 3, size, size, generator=generator)
    labels = torch.randint(classes, (BATCH,), generator=generator)
    frozen = [(name, p) for name, p in model.named_parameters() if not p.requires_grad]
    images.requires_grad_(bool(frozen))  # else autograd would leave frozen layers, and their joins, out of its graph
    model.train()
    watched = _Watch(model)
    with watched, _Relus() as relus:
        outputs = first(model(images))
    if outputs.ndim != 2 or len(outputs) != BATCH:
        raise ValueError(f"it gives outputs of shape {tuple(outputs.shape)} for {BATCH} images, not ({BATCH}, classes)")
    kind = kind_of(outputs)
    loss = loss_of(outputs, labels, kind) if outputs.shape[1] >= classes else torch.tensor(math.nan)
    joins = count_joins(outputs)
    trainable = [p for p in model.parameters() if p.requires_grad]
    if loss.requires_grad and trainable:
        model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
    layers = tuple(
        Layer(name, watched.spread[name], _rms(module.weight.grad), he_ratio(module)) for name, module in watched.order
    )
    model.zero_grad()
    norms = tuple((float(m.momentum or 0.0), float(m.eps)) for m in model.modules() if isinstance(m, BATCH_NORMS))
    dead, where = relus.deadest()
    lost, repeated = _traced(model, size)
    return Measured(
        parameters=sum(p.numel() for p in model.parameters()),
        stages=watched.stages(size),
        layers=layers,
        joins=joins,
        norms=norms,
        other_norms=sum(isinstance(m, OTHER_NORMS) for m in model.modules()),
        dead=dead,
        dead_layer=where,
        initial_loss=float(loss.detach()),
        frozen=tuple(name for name, _ in frozen[:20]),
        frozen_parameters=sum(p.numel() for _, p in frozen),
        outputs=kind,
        output_count=outputs.shape[1],
        input_matters=_input_matters(model, images),
        unused_norms=lost,
        repeated_activations=repeated,
    )


def overfit(model: nn.Module, measured: Measured, classes: int, size: int = OVERFIT_SIZE) -> Measured:
    """Trains on one batch of noise, and on one of blank images, with the same labels: the first can be memorised, the
    second only as far as the labels' frequencies."""
    if measured.output_count < classes or not any(p.requires_grad for p in model.parameters()):
        return measured
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(OVERFIT_BATCH, 3, size, size, generator=generator)
    labels = torch.arange(OVERFIT_BATCH) % classes
    blank = copy.deepcopy(model)
    losses, accuracy = _learn(model, images, labels, measured.outputs, OVERFIT_STEPS)
    _, on_blank = _learn(blank, torch.zeros_like(images), labels, measured.outputs, OVERFIT_STEPS // 4)
    return replace(measured, overfit=losses, overfit_accuracy=accuracy, blank_accuracy=on_blank)


def _learn(model: nn.Module, images: Tensor, labels: Tensor, kind: str, steps: int) -> tuple[tuple[float, ...], float]:
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], OVERFIT_RATE)
    model.train()
    losses: list[float] = []
    outputs = torch.empty(0)
    for _ in range(steps):
        outputs = first(model(images))
        loss = loss_of(outputs, labels, kind)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
        if not math.isfinite(losses[-1]) or losses[-1] < 0.01:
            break
    return tuple(losses), float((outputs.argmax(1) == labels).float().mean())


def first(outputs: Any) -> Tensor:
    """The logits among what a network gives: itself, the first of several, or by name."""
    if isinstance(outputs, Tensor):
        return outputs
    if hasattr(outputs, "logits"):
        return first(outputs.logits)
    if isinstance(outputs, dict):
        return first(outputs.get("logits", next(iter(outputs.values()))))
    if isinstance(outputs, list | tuple) and outputs:
        return first(outputs[0])
    raise TypeError(f"it gives a {type(outputs).__name__}, not a tensor of outputs")


def kind_of(outputs: Tensor) -> str:
    """raw, probabilities (rows of 0..1 that sum to 1) or log_probabilities."""
    with torch.no_grad():
        ones = torch.ones(len(outputs))
        if outputs.shape[1] > 1 and outputs.min() >= 0 and torch.allclose(outputs.sum(1), ones, atol=1e-4):
            return "probabilities"
        if outputs.shape[1] > 1 and outputs.max() <= 0 and torch.allclose(outputs.exp().sum(1), ones, atol=1e-4):
            return "log_probabilities"
    return "raw"


def loss_of(outputs: Tensor, labels: Tensor, kind: str) -> Tensor:
    """Mean cross-entropy of outputs (N, C) against labels (N,), as a scalar. kind: what `kind_of` gives."""
    if kind == "log_probabilities":
        return nll_loss(outputs, labels)
    return (
        nll_loss(outputs.clamp_min(1e-12).log(), labels) if kind == "probabilities" else cross_entropy(outputs, labels)
    )


def count_joins(outputs: Tensor) -> int:
    """Places in the graph where two computed paths meet: a residual network's additions, DenseNet's concatenations."""
    seen: set[Any] = set()
    waiting = [outputs.grad_fn]
    joins = 0
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        before = [parent for parent, _ in node.next_functions if parent is not None]
        computed = [parent for parent in before if type(parent).__name__ != "AccumulateGrad"]
        joins += type(node).__name__ in JOINS and len(computed) >= 2
        waiting += before
    return joins


def _rms(gradient: Tensor | None) -> float:
    return float(gradient.square().mean().sqrt()) if gradient is not None else 0.0


def _traced(model: nn.Module, size: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The unused batch norms and repeated activations, which only a trace of the forward pass shows; nothing of a
    network that can't be traced, such as TorchScript."""
    try:
        seen = trace(model, size)
    except (RuntimeError, ValueError, TypeError, AttributeError):
        return (), ()
    return tuple(unused(model, seen)), tuple(described(seen))


def _input_matters(model: nn.Module, images: Tensor) -> bool:
    """Whether any output moves when the images do, in evaluation mode, so that batch statistics play no part."""
    was = model.training
    model.eval()
    with torch.no_grad():
        one, other = first(model(images[:2])), first(model(images[2:4] * 3))
    model.train(was)
    return bool((one - other).abs().max() > 1e-7 * one.abs().max().clamp_min(1e-12))


class _Watch:
    """Hooks on every layer with weights: their order, outputs and resolutions."""

    def __init__(self, model: nn.Module) -> None:
        self._named = [(name, m) for name, m in model.named_modules() if isinstance(m, WITH_WEIGHTS)]
        self._hooks: list[Any] = []
        self.order: list[tuple[str, Any]] = []
        self.spread: dict[str, float] = {}
        self.sizes: dict[str, tuple[int, int]] = {}  # output height and channels

    def __enter__(self) -> _Watch:
        for name, module in self._named:
            self._hooks.append(module.register_forward_hook(self._note(name)))
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _note(self, name: str) -> Callable[[Any, Any, Any], None]:
        def note(module: Any, inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor) and name not in self.spread:
                self.order.append((name, module))
                self.spread[name] = float(output.detach().std())
                self.sizes[name] = (
                    output.shape[-1] if output.ndim == 4 else 0,
                    output.shape[1] if output.ndim == 4 else 0,
                )

        return note

    def stages(self, size: int) -> tuple[Stage, ...]:
        """Convolutions by the resolution they work at, finest first."""
        found: dict[int, list[tuple[int, int]]] = {}
        for name, module in self.order:
            height, channels = self.sizes[name]
            if height:
                parameters = sum(p.numel() for p in module.parameters())
                found.setdefault(round(size / height), []).append((channels, parameters))
        return tuple(
            Stage(stride, len(rows), rows[-1][0], sum(p for _, p in rows)) for stride, rows in sorted(found.items())
        )


class _Relus(TorchFunctionMode):
    """Sees every ReLU, as a module or as a function, and the units of it that are zero for the whole batch."""

    def __init__(self) -> None:
        super().__init__()
        self.shares: list[float] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if getattr(func, "__name__", "") in RELUS and isinstance(result, Tensor) and result.ndim in (2, 4):
            with torch._C.DisableTorchFunction():
                units = result.detach().amax(dim=(0, 2, 3) if result.ndim == 4 else 0)
                self.shares.append(float((units <= 0).float().mean()))
        return result

    def deadest(self) -> tuple[float, str]:
        if not self.shares:
            return 0.0, ""
        worst = max(range(len(self.shares)), key=self.shares.__getitem__)
        return self.shares[worst], f"ReLU {worst + 1} of {len(self.shares)}"
