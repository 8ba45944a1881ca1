"""What else of torch concerns a run: seeds, mixed precision, compilation, several processes, an absent GPU."""

from __future__ import annotations

import random
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from diagnose.running import onimport, place
from diagnose.running.hooks.torch_weights import Absent
from diagnose.running.recorder import NO_WEIGHTS, Recorder
from diagnose.running.redirect import LIKE_FILES

NO_GPU = "the program asks for a GPU, which is not there: it ran on the CPU"


def install(recorder: Recorder) -> None:
    """Hooks of one line each."""
    _seeds(recorder)
    torch.compile = _uncompiled
    _precision(recorder)
    _downloads(recorder)
    _saving(recorder)
    _comparisons(recorder)
    onimport.when("torch.multiprocessing", lambda module: _in_process(module))
    if not torch.cuda.is_available():
        _on_cpu(recorder)


def _comparisons(recorder: Recorder) -> None:
    """Answers of the shape (N, 1) that are compared with N labels: each with each, and not each with its own."""
    for name in ("eq", "__eq__", "ne", "__ne__"):
        original = getattr(torch.Tensor, name)

        def compared(one: Any, other: Any, *args: Any, _do: Any = original, **more: Any) -> Any:
            given = _do(one, other, *args, **more)
            if isinstance(other, torch.Tensor) and isinstance(given, torch.Tensor) and given.ndim == 2:
                shapes = {tuple(one.shape), tuple(other.shape)}
                count = len(given)
                whole = not (one.is_floating_point() or other.is_floating_point())
                if count > 1 and whole and shapes == {(count, 1), (count,)}:
                    recorder.compared_each_with_each(place.here())
            return given

        setattr(torch.Tensor, name, compared)


def _seeds(recorder: Recorder) -> None:
    def seeding(original: Any) -> Any:
        def seed(value: Any = None, *args: Any, **kwargs: Any) -> Any:
            if recorder.fetching is not None:
                recorder.fetching.seeded_at = recorder.fetching.seeded_at or place.here()
            elif recorder.seed is None and isinstance(value, int) and recorder.current is None:
                recorder.seed = value
            if isinstance(value, int):
                value += recorder.seed_shift
            return original(value, *args, **kwargs)

        return seed

    for module, name in ((torch, "manual_seed"), (random, "seed"), (np.random, "seed")):
        setattr(module, name, seeding(getattr(module, name)))
    if recorder.probe_steps:  # both programs of a pair begin alike, though they set no seed
        for seed in (torch.manual_seed, random.seed, np.random.seed):
            seed(0)
        recorder.seed = None
    _own_generators(recorder)


def _own_generators(recorder: Recorder) -> None:
    """Generators of random numbers that are made, with a seed, while an image is fetched."""

    def made(seed: Any) -> None:
        if seed is not None and recorder.fetching is not None:
            recorder.fetching.seeded_at = recorder.fetching.seeded_at or place.here()

    default, begun = np.random.default_rng, random.Random.__init__

    def default_rng(seed: Any = None) -> Any:
        made(seed)
        return default(seed)

    def begin(generator: random.Random, seed: Any = None) -> None:
        made(seed)
        begun(generator, seed)

    class RandomState(np.random.RandomState):
        """numpy's, which reports its seed."""

        def __init__(self, seed: Any = None) -> None:
            made(seed)
            super().__init__(seed)

    random.Random.__init__ = begin  # type: ignore[method-assign, assignment]
    np.random.default_rng, np.random.RandomState = default_rng, RandomState  # type: ignore[assignment, misc]


def _uncompiled(model: Any = None, **kwargs: Any) -> Any:
    """torch.compile changes no result, and takes minutes at first."""
    return model if model is not None else lambda function: function


def _precision(recorder: Recorder) -> None:
    original = torch.autocast.__enter__

    def enter(context: Any) -> Any:
        asked = context.__dict__.get("fast_dtype", None)
        if asked is not None and context.__dict__.get("_enabled", True):
            recorder.precision = {torch.float16: "fp16", torch.bfloat16: "bf16"}.get(asked, recorder.precision)
        return original(context)

    torch.autocast.__enter__ = enter  # type: ignore[method-assign]


def _downloads(recorder: Recorder) -> None:
    """Weights that cannot be had are left out rather than ending the run."""
    original = torch.hub.load_state_dict_from_url

    def load(url: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(url, *args, **kwargs)
        except Exception:
            recorder.substitute(NO_WEIGHTS)
            return Absent()

    torch.hub.load_state_dict_from_url = load  # type: ignore[assignment]

    def torchvision(module: ModuleType) -> None:
        module.load_state_dict_from_url = load

    onimport.when("torchvision._internally_replaced_utils", torchvision)
    onimport.when("torchvision.models._api", torchvision)

    def timm(module: ModuleType) -> None:
        made = module.create_model

        def create(*args: Any, **kwargs: Any) -> Any:
            try:
                return made(*args, **kwargs)
            except Exception:
                if not kwargs.get("pretrained") and not (len(args) > 1 and args[1]):
                    raise
                recorder.substitute(NO_WEIGHTS)
                return made(*args[:1], *args[2:], **{**kwargs, "pretrained": False})

        module.create_model = create

    onimport.when("timm", timm)


def _saving(recorder: Recorder) -> None:
    """torch.save writes by itself, so that its path is turned here."""
    original = torch.save

    def save(thing: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(f, LIKE_FILES) and recorder.redirect is not None:
            f = recorder.redirect.to_write(f)
        return original(thing, f, *args, **kwargs)

    torch.save = save


def _in_process(module: ModuleType) -> None:
    def spawn(fn: Any, args: Any = (), nprocs: int = 1, *more: Any, **kwargs: Any) -> None:
        fn(0, *args)

    module.spawn = spawn


class _OnCpu(TorchFunctionMode):
    """Takes tensors that are meant for a GPU to the CPU."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.cuda:
            self._recorder.substitute(NO_GPU)
            return args[0]
        if any(map(_is_gpu, args)):
            self._recorder.substitute(NO_GPU)
            args = tuple("cpu" if _is_gpu(value) else value for value in args)
        if _is_gpu(kwargs.get("device")):
            self._recorder.substitute(NO_GPU)
            kwargs = {**kwargs, "device": "cpu"}
        return func(*args, **kwargs)


def _is_gpu(value: Any) -> bool:
    if isinstance(value, torch.device):
        return value.type in ("cuda", "mps")
    return isinstance(value, str) and value.partition(":")[0] in ("cuda", "mps")


def _on_cpu(recorder: Recorder) -> None:
    _OnCpu(recorder).__enter__()
    nn, load = torch.nn.Module, torch.load

    def cuda(module: Any, *args: Any, **kwargs: Any) -> Any:
        recorder.substitute(NO_GPU)
        return module

    def to_cpu(f: Any, map_location: Any = None, *args: Any, **kwargs: Any) -> Any:
        return load(f, "cpu" if map_location is None or _is_gpu(map_location) else map_location, *args, **kwargs)

    to = nn.to

    def moved(module: Any, *args: Any, **kwargs: Any) -> Any:
        if any(map(_is_gpu, (*args, kwargs.get("device")))):
            recorder.substitute(NO_GPU)
            args = tuple("cpu" if _is_gpu(value) else value for value in args)
            kwargs = {name: "cpu" if _is_gpu(value) else value for name, value in kwargs.items()}
        return to(module, *args, **kwargs)

    nn.cuda, nn.to, torch.load = cuda, moved, to_cpu  # type: ignore[method-assign, assignment]
    for name in (
        "synchronize",
        "empty_cache",
        "set_device",
        "manual_seed",
        "manual_seed_all",
        "reset_peak_memory_stats",
    ):
        setattr(torch.cuda, name, lambda *args, **kwargs: None)
    torch.cuda.get_device_name = lambda *args: "no GPU"  # type: ignore[assignment]
