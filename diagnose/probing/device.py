"""What differs where the probes run on a GPU: its arithmetic, what is moved there, and the wait for it.

Python only queues work on a GPU. Whatever reads a value, or copies one to the device without saying that it need not be
waited for, stands still until all of the queue is done, and the device then has nothing to do until Python has queued
more. So constants are made once, draws are copied without waiting, losses are read while the backward pass runs, and
the clock is read only after `synchronise`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

HALF = {"cuda"}  # types of device on which networks run in bf16
FULL = ("out of memory", "ALLOC_FAILED")  # how cuDNN and cuBLAS say it, which raise no OutOfMemoryError


def arithmetic(device: torch.device) -> torch.autocast:
    """The context in which a network runs: bf16 on a GPU, 32 bits elsewhere. Losses are 32 bits everywhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type in HALF)


@lru_cache(maxsize=64)
def constant(values: tuple[float, ...], device: torch.device) -> Tensor:
    """The numbers as a float32 tensor (N,) on the device, made once."""
    with torch.inference_mode(False):  # else a later training could not use it
        return torch.tensor(values, dtype=torch.float32, device=device)


def moved(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor of the CPU on the device, without waiting for what the device is doing."""
    return tensor.to(device, non_blocking=device.type == "cuda")


def later(value: Tensor) -> Callable[[], float]:
    """Reads a single value when it is called: waits for what was queued up to now, and for nothing after it."""
    value = value.detach()
    if value.device.type != "cuda":
        return value.item
    copy = torch.empty((), dtype=value.dtype, pin_memory=True)
    copy.copy_(value, non_blocking=True)
    ready = torch.cuda.Event()  # type: ignore[no-untyped-call]
    ready.record()

    def read() -> float:
        ready.synchronize()
        return copy.item()

    return read


def synchronise(device: torch.device) -> None:
    """Waits until the device has done all that was queued, so that a clock may be read."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def wake(device: torch.device) -> None:
    """Makes the GPU's context and loads its libraries, seconds that the first answer would wait for."""
    if device.type == "cuda":
        with contextlib.suppress(RuntimeError), arithmetic(device):  # a device that fails here fails in the session
            torch.nn.Conv2d(3, 8, 3, device=device)(torch.zeros(1, 3, 8, 8, device=device))
            synchronise(device)


def is_full(fault: RuntimeError) -> bool:
    """Whether the fault means that the device's memory does not hold what was asked for."""
    return isinstance(fault, torch.OutOfMemoryError) or any(words in str(fault) for words in FULL)
