"""Weights that are loaded into torch's modules, and where networks of libraries come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from diagnose.model.run import Arrival
from diagnose.running import onimport, place
from diagnose.running.hooks.torch_networks import Networks
from diagnose.running.recorder import Recorder


class Absent(dict[str, Any]):
    """Stands for published weights that could not be downloaded: loading it leaves a network as it was made."""


MARKED = 32  # values by which a parameter is known again
WEIGHTS = (".safetensors", ".bin")  # endings of files of weights beside a configuration
ROUNDED = 0.02  # of a value, that another precision changes it by at most


class Weights:
    """Watches load_state_dict, and torchvision's and timm's factories."""

    def __init__(self, recorder: Recorder, networks: Networks) -> None:
        self._recorder, self._networks = recorder, networks
        self.filled: set[int] = set()  # identities of parameters that were loaded
        self.arrivals: list[tuple[Any, Arrival]] = []
        self.factories: list[tuple[Any, str, str]] = []  # network, factory, weights
        self._marks: dict[int, tuple[Any, Any]] = {}  # parameters as they were loaded: one, and some of its values
        self._lost: set[int] | None = None  # those that had other values at the first step
        self._depth = 0
        recorder.parts.append(self._part)

    def install(self) -> None:
        """Replaces the loading of weights by one that reports."""
        original, watch = nn.Module.load_state_dict, self

        def load(module: Any, state_dict: Any, strict: bool = True, *args: Any, **kwargs: Any) -> Any:
            if isinstance(state_dict, Absent):
                return nn.modules.module._IncompatibleKeys([], [])
            done = original(module, state_dict, strict, *args, **kwargs)
            if not watch.has_trained(module):
                watch.note(module, state_dict, strict)
            return done

        nn.Module.load_state_dict = load  # type: ignore[method-assign, assignment]
        onimport.when("torchvision.models", self._torchvision)
        onimport.when("timm", self._timm)

    def has_trained(self, module: Any) -> bool:
        """Whether a module took part in training: what is loaded into it then is its own best state."""
        return any(id(module) in map(id, network.modules()) for network in self._networks.trained.values())

    def note(self, module: Any, given: Mapping[str, Any], strict: bool) -> None:
        """Tensors were loaded into a module. Those that lie where the module's own do are its own: of its state_dict(),
        which was to be filled and which no name fitted."""
        own = dict(module.named_parameters())
        fitting = [name for name, p in own.items() if name in given and getattr(given[name], "shape", None) == p.shape]
        fitting = [name for name in fitting if _address(given[name]) != _address(own[name])]
        self.filled |= {id(own[name]) for name in fitting}
        self._marks |= {id(own[name]): (own[name], _mark(own[name])) for name in fitting}
        total = sum(p.numel() for p in own.values())
        if not total or not isinstance(given, Mapping) or not given:
            return
        arrival = Arrival(
            len(given),
            sum(own[name].numel() for name in fitting) / total,
            used=True,
            strict=strict,
            sample=next((name for name in given if name not in own), ""),
            wanted=next((name for name in own if name not in given), ""),
            location=place.here(),
        )
        self.arrivals.append((module, arrival))

    def look_again(self) -> None:
        """At the first step: which loaded parameters have been given other values since."""
        if self._lost is None:
            self._lost = {key for key, (parameter, mark) in self._marks.items() if not _same(mark, _mark(parameter))}
            self.filled -= self._lost
            self._marks.clear()

    def _kept(self, module: Any) -> float:
        sizes = {id(p): p.numel() for p in module.parameters()}
        mine = sum(size for key, size in sizes.items() if key in self.filled or key in (self._lost or ()))
        lost = sum(size for key, size in sizes.items() if key in (self._lost or ()))
        return 1 - lost / mine if mine else 1.0

    def _torchvision(self, module: ModuleType) -> None:
        for name in module.list_models(module=module):
            self._factory(module, name, name)

    def _timm(self, module: ModuleType) -> None:
        self._factory(module, "create_model", "")

    def _factory(self, module: ModuleType, attribute: str, name: str) -> None:
        original, watch = getattr(module, attribute, None), self
        if original is None:
            return

        def make(*args: Any, **kwargs: Any) -> Any:
            watch._depth += 1
            try:
                network = original(*args, **kwargs)
            finally:
                watch._depth -= 1
            if watch._depth == 0:
                made = name or str(args[0] if args else kwargs.get("model_name", ""))
                weights = kwargs.get("weights", kwargs.get("pretrained"))
                watch.factories.append(
                    (network, made, "none" if not weights else str(getattr(weights, "name", weights)))
                )
            return network

        make.__name__, make.__wrapped__ = attribute, original  # type: ignore[attr-defined]
        setattr(module, attribute, make)

    @property
    def loaded(self) -> set[int]:
        """Identities of all parameters that were loaded, by the program or within a library."""
        return self.filled | self._recorder.loaded

    def share(self) -> float:
        """Of the trained network's parameters, those that were loaded, 0..1."""
        named = {id(p): ("", p) for network in self._networks.first.values() for p in network.parameters()}
        sizes = {key: p.numel() for key, (_, p) in named.items() if key not in self._networks.beside(named)}
        loaded = self.loaded
        return float(sum(size for key, size in sizes.items() if key in loaded) / max(1, sum(sizes.values())))

    def made_by(self) -> tuple[str, str]:
        """The factory of the trained network, or of its largest part, and the weights that it was asked for."""
        parts = {id(module) for network in self._networks.trained.values() for module in network.modules()}
        mine = [
            (sum(p.numel() for p in one.parameters()), name, weights)
            for one, name, weights in self.factories
            if id(one) in parts
        ]
        return max(mine)[1:] if mine else ("", "")

    def _part(self) -> dict[str, Any]:
        trained = {id(module) for network in self._networks.trained.values() for module in network.modules()}
        whole = {id(p) for network in self._networks.trained.values() for p in network.parameters()}
        kinds = {type(network) for network in self._networks.trained.values()}
        found = []
        for module, arrival in self.arrivals:
            used = id(module) in trained or any(id(p) in whole for p in module.parameters())
            used = used or id(module) in self._networks.called or type(module) not in kinds
            inner = [
                one for one, _ in self.arrivals if one is not module and id(one) in {id(m) for m in module.modules()}
            ]
            if not inner:
                found.append(replace(arrival, used=used or not trained, kept=self._kept(module)))
        arrivals = [*found[:8], *self._recorder.arrivals]
        if not arrivals and not self.loaded:
            arrivals += [Arrival(0, 0.0, True, False, unread=folder) for folder in self._unread()]
        return {"arrivals": tuple(arrivals)}

    def _unread(self) -> Iterator[str]:
        """Folders of weights of which only the configuration was read, to make the trained network (Hugging Face)."""
        for network in self._networks.trained.values():
            for module in network.modules():
                folder = str(getattr(getattr(module, "config", None), "name_or_path", "") or "")
                if folder and any(one.suffix in WEIGHTS for one in Path(folder).glob("*model*")):
                    yield folder
                    return


def _address(tensor: Any) -> int:
    return int(tensor.data_ptr()) if isinstance(tensor, torch.Tensor) and tensor.device.type != "meta" else 0


def _mark(parameter: Any) -> torch.Tensor:
    """Some values, spread over all, which any new drawing changes and another layout or precision does not."""
    values = parameter.detach().flatten()
    some: torch.Tensor = values[:: max(1, len(values) // MARKED)].float().cpu().clone()
    return some


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and bool(torch.allclose(one, other, rtol=ROUNDED, atol=1e-4))
