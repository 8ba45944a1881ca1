"""torch's losses and backward passes."""

from __future__ import annotations

import gc
import math
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from diagnose.model import Location
from diagnose.model.run import SeenLoss
from diagnose.running import place
from diagnose.running.hooks.outputs import kind_of, label_kind
from diagnose.running.hooks.torch_networks import Networks
from diagnose.running.recorder import Recorder

LOSSES = (
    "cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "mse_loss", "l1_loss",
    "smooth_l1_loss", "kl_div", "multi_margin_loss", "multilabel_soft_margin_loss", "hinge_embedding_loss",
)  # fmt: skip
OF_CLASSES = ("cross_entropy", "nll_loss")  # which stand for the whole where a loss has several parts
# Operations whose results are bounded, and those that leave values as they are.
BOUNDING = {"Relu": "ReLU", "Sigmoid": "a sigmoid", "Tanh": "tanh", "Hardtanh": "a hard tanh"}
FORMS = ("View", "UnsafeView", "ReshapeAlias", "ToCopy", "Squeeze", "Alias", "Clone")
SMOOTHED = 0.5
CHAIN_STEPS = 6  # training steps after which it is looked for losses that keep their graph


class Losses:
    """Watches the functions that compute a loss, and every backward pass."""

    def __init__(self, recorder: Recorder, networks: Networks) -> None:
        self._recorder, self._networks = recorder, networks
        self.name, self.given, self.mean = "", "", True
        self.location: Location | None = None
        self.first: float | None = None
        self.last: float | None = None
        self.graph_kept = 0
        self.passes = 0  # batches that a backward pass followed from
        self._passed: Any = None  # the last of them
        self.divided = True  # whether what is differentiated differs from the criterion's value
        self.class_weights: list[float] = []
        self.reduction = "mean"
        self.shares: list[float] = []  # what is differentiated over the criterion's value, in the last passes
        self._value: torch.Tensor | None = None
        self._looked = False
        self._inside = False
        self.accumulates = False
        recorder.parts.append(self._part)

    def install(self) -> None:
        """Replaces the losses and backward by ones that report."""
        for name in LOSSES:
            setattr(functional, name, self._watched(name, getattr(functional, name)))
        original, watch = torch.autograd.backward, self

        def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            watch._before(tensors)
            return original(tensors, *args, **kwargs)

        differentiated = torch.autograd.grad

        def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            inputs = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
            if any(isinstance(one, torch.nn.Parameter) for one in inputs):  # a program that sets gradients by hand
                watch._before(outputs)
            return differentiated(outputs, inputs, *args, **kwargs)

        torch.autograd.backward, torch.autograd.grad = backward, grad

    def _watched(self, name: str, original: Any) -> Any:
        def loss(given: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
            if self._inside or self._recorder.asleep:
                return original(given, target, *args, **kwargs)
            self._inside = True
            try:
                value = original(given, target, *args, **kwargs)
            finally:
                self._inside = False
            if isinstance(given, torch.Tensor) and isinstance(target, torch.Tensor) and given.ndim in (1, 2):
                self._note(name, given, target, value, kwargs)
                if isinstance(value, torch.Tensor) and value.requires_grad:
                    self._judge(name, given, args[0] if args else kwargs.get("weight"), kwargs)
            return value

        return loss

    def _note(self, name: str, given: torch.Tensor, target: torch.Tensor, value: Any, options: dict[str, Any]) -> None:
        batch = self._recorder.current
        outputs = given.detach().float().cpu().numpy()
        labels = target.detach().cpu().numpy()
        if batch is None or len(outputs) != len(labels):
            return
        feed = batch.feed
        if batch.outputs is None or batch.outputs.shape != outputs.shape:
            batch.outputs = outputs
        if labels.ndim == 1 and batch.targets is None:
            batch.targets = labels
        of_classes = name in OF_CLASSES and not target.is_floating_point()
        if not feed.label_kind or (feed.label_kind in ("floats", "soft") and of_classes):
            single = target.is_floating_point() and (labels.ndim == 1 or labels.shape[1] == 1)
            feed.label_kind = "floats" if single else label_kind(labels)
            feed.label_dtype = str(target.dtype).removeprefix("torch.")
        if isinstance(value, torch.Tensor) and value.requires_grad:
            self._value = value
            if not self.name or (self.name not in OF_CLASSES and name in OF_CLASSES):
                self.name, self.location = name, place.here()
                self.given = kind_of(outputs)
            self.reduction = str(options.get("reduction", "mean"))
            self.mean = value.ndim == 0 and self.reduction == "mean"

    def _judge(self, name: str, given: torch.Tensor, weight: Any, options: dict[str, Any]) -> None:
        """What a loss can't be given."""
        made_by, over = _made_by(given)
        if made_by in BOUNDING and name in ("cross_entropy", "binary_cross_entropy_with_logits"):
            detail = f"{BOUNDING[made_by]}, then {name}"
            self._recorder.mistake("activation before the loss", detail, place.here())
        if name in OF_CLASSES and given.ndim == 2 and over == 0:
            self._recorder.mistake("softmax over the batch", "dim=0", place.here())
        if float(options.get("label_smoothing") or 0.0) >= SMOOTHED:
            self._recorder.mistake(
                "labels smoothed away", f"label_smoothing={options['label_smoothing']:g}", place.here()
            )
        if name in OF_CLASSES and isinstance(weight, torch.Tensor) and weight.ndim == 1:
            self.class_weights = weight.detach().float().cpu().tolist()

    def _before(self, tensors: Any) -> None:
        """A backward pass begins."""
        recorder = self._recorder
        if self._networks.depth or recorder.asleep or recorder.framework == "keras":
            return
        tensor = tensors if isinstance(tensors, torch.Tensor) else tensors[0]
        recorder.trains()
        self._networks.network_trains()
        if recorder.current is None or recorder.current is not self._passed:  # of several losses of a batch the first
            self.passes += 1
        self._passed = recorder.current
        value = float(tensor.detach()) if tensor.numel() == 1 else math.nan
        criterion = float(self._value.detach().mean()) if self._value is not None else value
        self.divided = abs(value - criterion) > 1e-4 * abs(criterion) if self._value is not None else True
        if self._value is not None and self._value.ndim == 0 and criterion:
            self.shares = [*self.shares[-19:], value / criterion]
        self.last = criterion
        if self.first is None:
            self.first = criterion
        batch = recorder.current
        if batch is not None:
            labels = batch.targets if batch.targets is not None else batch.labels
            _note_labels(batch.feed, labels)
        if recorder.steps == CHAIN_STEPS and not self._looked:
            self._looked = True
            self.graph_kept = longest_chain()

    def _part(self) -> dict[str, Any]:
        if self.first is None:
            return {}
        outputs = self._networks.outputs
        width = outputs.shape[1] if outputs is not None and outputs.ndim == 2 else None
        chance = math.log(width) if width and width > 1 and self.name in ("cross_entropy", "nll_loss") else None
        loss = SeenLoss(self.name, self.first, chance, self.given, self.graph_kept, self.mean, self.location)
        return {"loss": loss}


def _made_by(tensor: torch.Tensor) -> tuple[str, int | None]:
    """The operation that a tensor comes from, whatever only changed its form, and the dimension of a softmax."""
    node = tensor.grad_fn
    while node is not None and node.name().startswith(FORMS) and node.next_functions:
        node = node.next_functions[0][0]
    if node is None:
        return "", None
    over = getattr(node, "_saved_dim", None) if "Softmax" in node.name() else None
    return node.name().rstrip("0123456789").removesuffix("Backward"), over


def _note_labels(feed: Any, labels: np.ndarray | None) -> None:
    if labels is None or len(feed.labels) >= 40:
        return
    if labels.ndim == 2 and label_kind(labels) in ("one-hot", "soft"):
        labels = labels.argmax(axis=1)
    if labels.ndim == 1:
        feed.labels.append(tuple(int(label) for label in labels))


def longest_chain() -> int:
    """How many losses of earlier batches the longest running sum still holds with their graphs.

    A sum like `total += loss` is a chain of additions, one for each batch, each of which holds a loss's whole graph.
    """
    longest = 0
    for thing in gc.get_objects():
        if type(thing) is torch.Tensor and thing.grad_fn is not None and thing.numel() == 1:
            length, node = 0, thing.grad_fn  # type: int, Any
            while node is not None and node.name().startswith("Add") and length < 1000:
                below = [following for following, _ in node.next_functions if following is not None]
                sums = [one for one in below if one.name().startswith("Add")]
                length += len(below) == 2
                node = sums[0] if sums else None
            longest = max(longest, length)
    return longest
