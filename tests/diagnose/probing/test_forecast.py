import math
import os
import statistics

import pytest
import torch
from PIL import Image
from steps import Steps
from tiny_networks import TINY

from diagnose.model import GIB, Card
from diagnose.probing.forecast import forecast, loading_seconds, step_seconds
from diagnose.probing.job import FullRun
from diagnose.probing.recipe import Recipe

RUN = FullRun(epochs=10, batch_size=8, input_size=64, train_images=1000, val_images=300, price=3.6)


@pytest.fixture
def cores(monkeypatch):
    return lambda number: monkeypatch.setattr(os, "cpu_count", lambda: number)


def test_the_slower_of_the_two_sets_the_pace():
    slow_loading = forecast(RUN, [0.01] * 3, [0.1] * 10, "cpu")
    assert slow_loading.bottleneck == "data loading"
    assert slow_loading.seconds == pytest.approx(10 * 1100 * 0.1 / slow_loading.workers)
    slow_computing = forecast(RUN, [0.1] * 3, [0.001] * 10, "cpu")
    assert slow_computing.bottleneck == "compute"
    assert slow_computing.seconds == pytest.approx(10 * 1100 * 0.1)
    assert slow_computing.price == pytest.approx(3.6 * slow_computing.seconds / 3600)
    assert slow_computing.steps == 1250


def test_timings_that_vary_widen_the_range():
    even, uneven = (forecast(RUN, times, [0.001] * 9, "cpu").seconds_range for times in ([0.1] * 3, [0.05, 0.1, 0.2]))
    assert uneven.high - uneven.low > even.high - even.low > 0


def test_steps_are_timed_without_the_first():
    times = step_seconds(TINY, Recipe(), 3, RUN, 4, torch.device("cpu"), math.inf)
    assert len(times) == 3
    assert all(seconds > 0 for seconds in times)
    late = step_seconds(TINY, Recipe(), 3, RUN, 4, torch.device("cpu"), 1.0, Steps(each=2.0))
    assert len(late) == 1  # past the deadline: one step


def test_files_are_loaded_as_the_full_run_loads_them(image_folder):
    paths = [str(path) for path in sorted(image_folder({"cat": 5}).glob("cat/*.png"))]
    whole, resized = loading_seconds(paths, Recipe(), 48)
    assert len(whole) == len(resized) == 5
    assert all(seconds > 0 for seconds in (*whole, *resized))


def test_copies_of_large_images_load_faster(tmp_path):
    path = tmp_path / "large.jpg"
    Image.effect_noise((2000, 1500), 60).convert("RGB").save(path)
    whole, resized = loading_seconds([str(path)] * 3, Recipe(), 48)
    assert statistics.median(resized) < statistics.median(whole)


def foreseen(compute, loading, resized=(), **more):
    return forecast(RUN, [compute] * 3, [loading] * 10, "cuda", [resized] * 10 if resized else (), **more)


def test_workers_that_keep_the_device_busy(cores):
    cores(4)
    assert foreseen(0.01, 0.025).workers_needed == 3
    assert foreseen(0.01, 0.025).workers_missing == 0
    lacking = foreseen(0.01, 0.065)
    assert lacking.workers_needed is None
    assert lacking.workers_missing == 3


def test_resizing_gains_where_loading_sets_the_pace(cores):
    cores(4)
    quick = foreseen(0.01, 0.08, 0.02)
    assert quick.resized.loading == pytest.approx(200)
    assert quick.resized.gain == pytest.approx(quick.seconds / 2)  # computing sets the pace then
    assert foreseen(0.01, 0.02, 0.01).resized.gain is None  # computing sets it already
    assert foreseen(0.01, 0.08, 0.075).resized.gain is None  # within the spread of the timings
    assert foreseen(0.01, 0.08).resized is None


def test_a_gain_that_a_few_files_make_is_none(cores):
    cores(1)
    loading = [0.02] * 9 + [2.0]
    uneven = forecast(RUN, [0.001] * 3, loading, "cuda", [0.02] * 10)
    assert uneven.bottleneck == "data loading"
    assert uneven.resized.gain is None


def test_memory_by_precision():
    card = Card(8 * GIB, measured=True)
    known = foreseen(0.01, 0.01, memory=(("fp32", 3 * GIB), ("mixed", 2 * GIB)), card=card)
    assert known.memory == 3 * GIB
    assert known.memory_by_precision[1] == ("mixed", 2 * GIB)
    assert known.fits is True
    assert foreseen(0.01, 0.01, memory=(("fp32", 9 * GIB),), card=card).fits is False
    assert foreseen(0.01, 0.01, card=card).fits is None
    assert foreseen(0.01, 0.01, memory=(("fp32", 9 * GIB),)).fits is None
