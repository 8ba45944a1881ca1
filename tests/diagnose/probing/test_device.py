"""What differs on a GPU; tests/diagnose/probing/test_on_a_device.py goes through the code that uses it."""

import pytest
import torch

from diagnose.probing.augment import AUGMENTATIONS, batch_augmentation
from diagnose.probing.device import constant, is_full, later, moved, synchronise, wake

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
CUDA = torch.device("cuda")


def test_constants_are_made_once_and_serve_a_later_training():
    constant.cache_clear()
    with torch.inference_mode():
        first = constant((0.5, 0.25), torch.device("cpu"))
    assert constant((0.5, 0.25), torch.device("cpu")) is first
    weight = torch.ones(2, requires_grad=True)
    (first * weight).sum().backward()
    assert weight.grad.tolist() == [0.5, 0.25]


def test_on_the_cpu_a_loss_is_read_and_nothing_waits():
    loss = torch.tensor(2.0, requires_grad=True)
    read = later(loss * 3)
    assert read() == 6.0
    assert moved(loss, torch.device("cpu")) is loss
    synchronise(torch.device("cpu"))
    wake(torch.device("cpu"))


@pytest.mark.parametrize(
    ("fault", "full"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
    ],
)
def test_memory_that_is_full_is_known_by_what_the_libraries_say(fault, full):
    assert is_full(fault) is full


@pytest.mark.gpu
@needs_cuda
def test_a_loss_is_read_before_the_backward_pass_has_ended():
    busy = torch.randn(4096, 4096, device="cuda")
    busy = busy @ busy / 64  # loads cuBLAS
    synchronise(CUDA)
    loss = torch.full((), 3.0, device="cuda")
    read = later(loss)
    for _ in range(50):
        busy = busy @ busy / 64
    ended = torch.cuda.Event()
    ended.record()
    assert read() == 3.0
    assert not ended.query()
    synchronise(CUDA)
    assert ended.query()


@pytest.mark.gpu
@needs_cuda
@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_every_augmentation_runs_on_the_gpu(name):
    pixels = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8, device="cuda")
    changed = batch_augmentation((name,), 32, at_once=True)(pixels)
    assert (changed.device.type, changed.dtype, changed.shape) == ("cuda", torch.uint8, pixels.shape)
