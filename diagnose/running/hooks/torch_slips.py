"""Slips in a program of torch that show once a run is over: in its losses, its optimizers and its network."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from torch import nn

from diagnose.running import class_counts, place
from diagnose.running.hooks.torch_losses import Losses
from diagnose.running.hooks.torch_networks import DROPOUTS, Networks
from diagnose.running.hooks.torch_optimizers import PLAIN, Optimizers
from diagnose.running.recorder import Recorder

FEWEST = 3  # passes, or optimizers
HIGHEST_OF_SUM = 30 * 0.1 / 256  # thirty times SGD's usual 0.1 for the mean of 256 images (C302)
DROPPED = 0.9  # share


class Slips:
    """Looks at what the other hooks have seen."""

    def __init__(self, recorder: Recorder, networks: Networks, losses: Losses, optimizers: Optimizers) -> None:
        self._recorder, self._networks, self._losses, self._optimizers = recorder, networks, losses, optimizers
        recorder.tails.append(self.look)

    def look(self) -> None:
        """Reports each to the recorder."""
        self._maximised()
        self._reduction()
        self._optimizers.look_at_copies()
        self._weights()
        self._made_again()
        for network in self._networks.first.values():
            self._shared(network)
            self._dropped(network)

    def _maximised(self) -> None:
        shares = self._losses.shares
        if len(shares) >= FEWEST and all(abs(share + 1) < 0.01 for share in shares):
            self._recorder.mistake("loss maximised", self._losses.name, self._losses.location)

    def _reduction(self) -> None:
        """Plain gradients of a loss that is reduced otherwise than a learning rate is meant for."""
        losses, shares = self._losses, self._losses.shares
        optimizers = [(key, one, where) for key, (one, where) in self._optimizers.seen.items()]
        plain = [key for key, one, _ in optimizers if type(one).__name__.lower().startswith(PLAIN)]
        if not plain or len(shares) < FEWEST or any(abs(share - 1) > 0.01 for share in shares):
            return
        rate = max(self._optimizers.first_rates.get(key, 0.0) for key in plain)
        if losses.reduction == "sum" and rate > HIGHEST_OF_SUM:
            self._recorder.mistake("loss summed", f"{losses.name} at a learning rate of {rate:g}", losses.location)
        if losses.reduction == "mean" and losses.name == "kl_div":
            self._recorder.mistake("mean over classes too", "", losses.location)

    def _weights(self) -> None:
        weights, feed = self._losses.class_weights, self._recorder.training_feed
        counts = class_counts.counted(feed) if weights and feed is not None else None
        if counts is not None and class_counts.rising(weights, counts):
            most, least = max(counts, key=lambda one: counts[one]), min(counts, key=lambda one: counts[one])
            detail = (
                f"class {most} with {counts[most]} images has {weights[most]:.3g}, class {least} with "
                f"{counts[least]} has {weights[least]:.3g}"
            )
            self._recorder.mistake("weights favour frequent classes", detail, self._losses.location)

    def _made_again(self) -> None:
        alike: defaultdict[Any, list[Any]] = defaultdict(list)
        for key, (one, where) in self._optimizers.seen.items():
            held = frozenset(id(p) for group in one.param_groups for p in group["params"])
            alike[type(one), where, held, self._optimizers.first_rates.get(key)].append(key)
        for (kind, where, _, _), keys in alike.items():
            if len(keys) >= FEWEST and all(len(self._optimizers.epochs[key]) == 1 for key in keys):
                self._recorder.mistake("optimizer made again", f"{len(keys)} times {kind.__name__}", where)

    def _shared(self, network: Any) -> None:
        for parent in network.modules():
            if isinstance(parent, nn.Sequential | nn.ModuleList):
                children = [one for one in parent if next(one.parameters(), None) is not None]
                most = max((children.count(one) for one in children), default=0)
                if most > 1:
                    kind = next(type(one).__name__ for one in children if children.count(one) == most)
                    detail = f"{kind} stands {most} times in one {type(parent).__name__}"
                    self._recorder.mistake("one layer in several places", detail, place.of_class(network))

    def _dropped(self, network: Any) -> None:
        for layer in network.modules():
            if isinstance(layer, DROPOUTS) and layer.p >= DROPPED:
                self._recorder.mistake("nearly everything dropped", f"p={layer.p:g}", place.of_class(network))
