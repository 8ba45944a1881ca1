import math

import pytest
import torch
from steps import Steps
from tiny_networks import TINY
from torchvision import models

from diagnose.probing.forecast import forecast, loading_seconds, memory_bytes, step_seconds
from diagnose.probing.job import LongRun
from diagnose.probing.recipe import Recipe

RUN = LongRun(epochs=10, batch_size=8, input_size=64, train_images=1000, val_images=300, price=3.6)


def test_the_slower_of_the_two_sets_the_pace():
    slow_loading = forecast(RUN, [0.01] * 3, [0.1] * 10, "cpu", None)
    assert slow_loading.bottleneck == "data loading"
    assert slow_loading.seconds == pytest.approx(10 * 1100 * 0.1 / slow_loading.workers)
    slow_computing = forecast(RUN, [0.1] * 3, [0.001] * 10, "cpu", None)
    assert slow_computing.bottleneck == "compute"
    assert slow_computing.seconds == pytest.approx(10 * 1100 * 0.1)
    assert slow_computing.price == pytest.approx(3.6 * slow_computing.seconds / 3600)
    assert slow_computing.steps == 1250


def test_timings_that_vary_widen_the_range():
    even, uneven = (
        forecast(RUN, times, [0.001] * 9, "cpu", None).seconds_range for times in ([0.1] * 3, [0.05, 0.1, 0.2])
    )
    assert uneven.high - uneven.low > even.high - even.low > 0


def test_steps_are_timed_without_the_first():
    times = step_seconds(TINY, Recipe(), 3, RUN, 4, torch.device("cpu"), math.inf)
    assert len(times) == 3
    assert all(seconds > 0 for seconds in times)
    late = step_seconds(TINY, Recipe(), 3, RUN, 4, torch.device("cpu"), 1.0, Steps(each=2.0))
    assert len(late) == 1  # past the deadline: one step


def test_files_are_loaded_as_the_long_run_loads_them(image_folder):
    paths = [str(path) for path in sorted(image_folder({"cat": 5}).glob("cat/*.png"))]
    times = loading_seconds(paths, Recipe(), 48)
    assert len(times) == 5
    assert all(seconds > 0 for seconds in times)


def kept_by_autograd(arch, batch, size):
    """The oracle: the same count over real tensors."""
    model, kept, alive = models.get_model(arch, weights=None, num_classes=3), {}, []

    def pack(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(torch.randn(batch, 3, size, size))
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    parameters = sum(parameter.nbytes for parameter in model.parameters())
    return parameters, sum(size for pointer, size in kept.items() if pointer not in own)


@pytest.mark.parametrize("arch", [TINY, "shufflenet_v2_x0_5", "resnet18"])
def test_memory_is_that_of_real_tensors(arch):
    parameters, activations = kept_by_autograd(arch, 8, 64)
    assert memory_bytes(arch, Recipe("adamw"), 3, RUN) == pytest.approx(4 * parameters + activations, rel=0.01)
    assert memory_bytes(arch, Recipe("sgd"), 3, RUN) == pytest.approx(3 * parameters + activations, rel=0.01)
