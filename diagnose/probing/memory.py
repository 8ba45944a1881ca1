"""Memory at the peak of a training step, without running one.

A step is walked through with fake tensors, which have a shape, a type and a device but no numbers, and every storage is
followed from the operation that makes it to the moment when nothing holds it any more. The peak is a maximum over the
time of the step, not a sum of its parts: gradients come while activations go, the optimizer's temporaries come when
these are gone.
"""

from __future__ import annotations

import copy
import math
import weakref
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.functional import cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from diagnose.catalogue import optimizers
from diagnose.model import BF16, FP32, MIXED
from diagnose.probing.checkpointing import checkpointed
from diagnose.probing.optimizer import optimizer_for
from diagnose.probing.recipe import Option, Recipe
from diagnose.probing.train import freeze
from diagnose.probing.weights import build

CUDA_BLOCK = 512  # bytes, of which CUDA's caching allocator gives whole ones (kMinBlockSize, c10/cuda)
# oneDNN on a CPU: channels per block of its layouts, and the largest kernel (5 × 5) of a depthwise convolution that it
# computes without padding each channel to a whole block. Both seen in the allocator's records (torch 2.14, AVX-512).
ONEDNN_BLOCK = 16
ONEDNN_DEPTHWISE = 25


def peak_bytes(
    arch: str,
    recipe: Recipe,
    classes: int,
    batch: int,
    size: int,
    precision: str = FP32,
    checkpointing: bool = False,
    accumulating: bool = False,
    device: str = "cpu",
    multi_tensor: bool | None = None,
) -> int:
    """Bytes of live tensors at the peak of a step: parameters, buffers, optimizer state, one batch of images, and what
    forward pass, backward pass and optimizer hold of each other's work at the worst moment.

    batch: images. size: px. precision: FP32; BF16, the whole network in bf16; or MIXED, bf16 autocast over fp32
    weights. checkpointing: each block behind torch.utils.checkpoint. accumulating: gradients of earlier batches are
    kept, and this one's are added. device: "cpu", with the buffers of oneDNN's convolutions, or "cuda", without those
    of cuDNN, which cannot be known beforehand. A card is followed with its own kernels where torch finds one and with
    the CPU's elsewhere. multi_tensor: whether the optimizer updates all parameters at once, which takes temporaries of
    their size; None: on a card, as torch does.

    It is the step of a run under way, after the first: the optimizer's state is there. Gradients are cleared (set to
    None) before the forward pass; a loop that clears them after it holds them longer, and takes up to their size more.
    The context of CUDA, fragments between blocks, a copy of averaged weights and batches fetched ahead are not in it.
    Raises ValueError for an unknown architecture, AssertionError or RuntimeError where it takes no images of that size.
    """
    faked = "cuda" if device == "cuda" and torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if precision == BF16 else torch.float32
    model = copy.deepcopy(_skeleton(arch, recipe.outputs or classes, recipe.head_options, size))
    with FakeTensorMode(allow_non_fake_inputs=True), _Live(device) as live, torch.device(faked):
        model = _faked(model, dtype).train()
        freeze(model, recipe.frozen)
        if checkpointing:
            checkpointed(model)
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimizer = _optimizer(recipe, parameters, multi_tensor if multi_tensor is not None else device == "cuda")
        for parameter in parameters:  # a first step, for the state that it makes
            parameter.grad = torch.empty_like(parameter)
        optimizer.step()
        if not accumulating:
            optimizer.zero_grad(set_to_none=True)
        images, labels = torch.empty(batch, 3, size, size, dtype=dtype), torch.zeros(batch, dtype=torch.long)
        live.peak = live.now
        with torch.autocast(faked, torch.bfloat16, enabled=precision == MIXED):
            outputs = [output for output in tree_leaves(model(images)) if isinstance(output, Tensor)]
            loss = torch.stack([cross_entropy(output, labels) for output in outputs]).sum()
        del outputs
        with torch.autograd.set_multithreading_enabled(False):  # on a card it would run in a thread of its own
            loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        peak: int = live.peak
        return peak


class _Live(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Bytes of the storages alive `now`, and the most there were (`peak`)."""

    def __init__(self, device: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.peak = 0
        self._onednn = device == "cpu" and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        self._block = CUDA_BLOCK if device == "cuda" else 1
        self._known: set[int] = set()

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if operation is torch.ops.aten._local_scalar_dense.default:
            return 1.0 if args[0].is_floating_point() else 0  # item() of a fake: the count of an optimizer's steps
        before = self.now
        made = operation(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, Tensor):
                self._follow(tensor.untyped_storage())
        if self._onednn and operation is torch.ops.aten.convolution_backward.default:
            self.peak = max(self.peak, before + onednn_bytes(args[0], args[1], args[2], args[9], made))
        return made

    def _follow(self, storage: torch.UntypedStorage) -> None:
        key = storage._cdata
        if key in self._known:
            return
        size = -(-storage.nbytes() // self._block) * self._block
        self._known.add(key)
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._gone, key, size)

    def _gone(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.now -= size


def onednn_bytes(above: Tensor, images: Tensor, weight: Tensor, groups: int, made: Sequence[Tensor | None]) -> int:
    """Bytes that oneDNN's convolution has taken at the worst moment of its backward pass.

    The gradient of the images (the first of `made`) is there three times while it is copied out of its blocked layout.
    While that of the weight is computed, both inputs and the result lie beside the originals in blocked layouts; in
    bf16 the result is summed up in fp32. A depthwise convolution with a large kernel has each of its channels padded to
    a block in both directions.
    """
    kernel = math.prod(weight.shape[2:])
    low = weight.dtype != torch.float32
    gradient = made[0].nbytes if made[0] is not None else 0
    if kernel == 1 and not low:
        return gradient + weight.nbytes  # a product of matrices as they lie
    elements = weight.numel()
    if groups > 1 and weight.shape[1] == 1 and kernel > ONEDNN_DEPTHWISE:
        elements = groups * ONEDNN_BLOCK**2 * kernel
    blocked = elements * weight.element_size()
    summed = elements * 4 if low else 0
    computing = max(above.nbytes + images.nbytes + blocked + summed, blocked + weight.nbytes)
    return gradient + max(2 * gradient, computing)


class _Keeper(torch.optim.Optimizer):
    """The memory of an optimizer that torch does not have: so many tensors of each parameter's size, and one more
    while it steps."""

    def __init__(self, parameters: Sequence[nn.Parameter], states: int) -> None:
        super().__init__(parameters, {})
        self._states = states

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                for number in range(self._states - len(state)):
                    state[f"state{number}"] = torch.zeros_like(parameter)
                torch.zeros_like(parameter)


def _optimizer(recipe: Recipe, parameters: Sequence[nn.Parameter], multi_tensor: bool) -> torch.optim.Optimizer:
    """The recipe's optimizer, or the memory of one that the probes cannot train with."""
    entry = optimizers.find(recipe.optimizer) or optimizers.BY_KEY["adamw"]
    if entry.unsupported:
        return _Keeper(parameters, entry.states)
    optimizer = optimizer_for(recipe, parameters)
    for group in optimizer.param_groups:
        if "foreach" in group:
            group["foreach"] = multi_tensor
    return optimizer


@lru_cache(maxsize=2)
def _skeleton(arch: str, outputs: int, head: tuple[Option, ...], size: int) -> nn.Module:
    """The network without its numbers. It is made of real tensors first: some (RegNet) compute their own shape."""
    return build(arch, outputs, None, 0, head, size).to("meta")


def _faked(model: nn.Module, dtype: torch.dtype) -> nn.Module:
    """The network with every parameter and buffer replaced by a new one, floating-point ones in `dtype`."""
    made: dict[int, Tensor] = {}  # tied ones stay tied

    def fresh(tensor: Tensor) -> Tensor:
        return torch.empty(tensor.shape, dtype=dtype if tensor.is_floating_point() else tensor.dtype)

    for module in model.modules():
        for name, old in module.named_parameters(recurse=False):
            setattr(module, name, made.setdefault(id(old), nn.Parameter(fresh(old), old.requires_grad)))
        for name, buffer in module.named_buffers(recurse=False):
            setattr(module, name, made.setdefault(id(buffer), fresh(buffer)))
    return model
