"""torch's optimizers: which parameters they hold, what they change, at which learning rate; clipping too."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from diagnose.model.run import Clipping, Layers, SeenOptimizer, SeenStep
from diagnose.running import place
from diagnose.running.hooks.torch_losses import Losses
from diagnose.running.hooks.torch_networks import NORMS, Networks, caring
from diagnose.running.recorder import Recorder

MEASURED_STEPS = 6  # whose changes are measured
LARGEST = 120_000_000  # parameters, above which no copy is kept
KEPT = ("momentum", "weight_decay", "eps", "alpha", "rho", "lr_decay", "dampening", "nesterov")
NAMES = 8
COPIES = 3  # that are kept in sight
PLAIN = ("sgd", "asgd", "lars")  # optimizers whose step is as long as the gradient
MOSTLY = 0.8  # of the passes; the last step of an epoch may be of fewer batches


class Optimizers:
    """Watches every optimizer step and each clipping of gradients."""

    def __init__(self, recorder: Recorder, networks: Networks, losses: Losses) -> None:
        self._recorder, self._networks, self._losses = recorder, networks, losses
        self.seen: dict[int, tuple[Any, Any]] = {}  # optimizers that stepped, and where they were made
        self.made: dict[int, tuple[Any, Any]] = {}
        self.course: list[SeenStep] = []
        self.with_gradient: set[int] = set()  # identities of parameters
        self.asked: set[int] = set()  # that might have got one in a step
        self.held: set[int] = set()
        self.moved: set[int] = set()
        self.measured: set[int] = set()  # whose change was looked for
        self._before: dict[int, torch.Tensor] = {}
        self._passes = 0
        self.first_rates: dict[int, float] = {}
        self.epochs: defaultdict[int, set[int]] = defaultdict(set)  # in which each has stepped
        self._accumulated: set[int] = set()
        self._uncleared: dict[int, bool] = {}  # since its last step, whether every backward pass found old gradients
        self.passes: dict[int, list[int]] = {}
        # Those of the first epoch in which each steps: later ones are cut short.
        self._first_passes: defaultdict[int, list[int]] = defaultdict(list)
        self._copies: list[tuple[Any, list[Any]]] = []  # groups that state_dict() gave, with their rates
        self.clips: list[tuple[str, float, float]] = []
        self.clipped_at: Any = None
        self.statistics: dict[int, torch.Tensor] = {}
        self._gradient: float | None = None
        self.before_first: Callable[[], None] | None = None  # called before the first step
        self._looked = False
        recorder.parts.append(self._part)

    def install(self) -> list[Any]:
        """Hooks into every optimizer of the program; the handles take two of them off again."""
        optimizer, watch = torch.optim.Optimizer, self
        handles = [register_optimizer_step_pre_hook(self._steps), register_optimizer_step_post_hook(self._stepped)]
        made = optimizer.__init__

        def init(one: Any, *args: Any, **kwargs: Any) -> None:
            watch.made[id(one)] = (one, place.here())
            made(one, *args, **kwargs)

        optimizer.__init__ = init  # type: ignore[method-assign]
        self._watch_copies(optimizer)
        backward = torch.autograd.backward

        def watched(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            if not watch._networks.depth:
                watch._before_backward()
            return backward(tensors, *args, **kwargs)

        torch.autograd.backward = watched
        self._watch_clipping()
        return handles

    def _watch_copies(self, optimizer: Any) -> None:
        given_out, taken_in, watch = optimizer.state_dict, optimizer.load_state_dict, self

        def state_dict(one: Any, *args: Any, **kwargs: Any) -> Any:
            watch.look_at_copies()
            state = given_out(one, *args, **kwargs)
            groups = state.get("param_groups", ()) if isinstance(state, dict) else ()
            watch._copies = [*watch._copies[-COPIES:], (groups, [group.get("lr") for group in groups])]
            return state

        def load_state_dict(one: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
            groups = state.get("param_groups") if isinstance(state, dict) else None
            watch._copies = [copy for copy in watch._copies if copy[0] is not groups]
            return taken_in(one, state, *args, **kwargs)

        optimizer.state_dict, optimizer.load_state_dict = state_dict, load_state_dict

    def look_at_copies(self) -> None:
        """Whether the program has written a learning rate into what state_dict() gave, which is a copy."""
        for groups, rates in self._copies:
            now = [group.get("lr") for group in groups]
            if self._recorder.steps and now != rates:
                applied = self.course[-1].rates[0] if self.course and self.course[-1].rates else None
                detail = f"{now[0]:g} is written, {applied:g} is applied" if applied is not None else f"{now[0]:g}"
                self._recorder.mistake("rate in a copy", detail, place.here())

    def _before_backward(self) -> None:
        """Whether gradients that a step has used are still there. Of several optimizers each is cleared at a time of
        its own, but before one of the backward passes that lead to its next step."""
        if self._recorder.asleep:
            return
        for key, (one, _) in self.seen.items():
            if not self._uncleared.get(key, True):
                continue
            held = [p for group in one.param_groups for p in group["params"]]
            if not self._networks.holds(held):
                continue  # another training has begun, and the gradients of this one are left as they are
            left = [p.grad for p in held if p.grad is not None][:4]
            self._uncleared[key] = any(bool(torch.count_nonzero(gradient)) for gradient in left)

    def _watch_clipping(self) -> None:
        utils, watch = torch.nn.utils, self
        for name, by in (("clip_grad_norm_", "norm"), ("clip_grad_value_", "value")):
            original = getattr(utils, name)

            def clipped(
                parameters: Any, limit: float, *args: Any, _by: str = by, _do: Any = original, **more: Any
            ) -> Any:
                parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
                length = _length([p.grad for p in parameters if p.grad is not None])
                watch._gradient = length
                watch.clips.append((_by, float(limit), length))
                watch.clipped_at = watch.clipped_at or place.here()
                return _do(parameters, limit, *args, **more)

            for module in (utils, getattr(utils, "clip_grad", utils)):
                setattr(module, name, clipped)

    def _steps(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        networks = self._networks
        if not self._looked and self.before_first is not None and not self._recorder.asleep:
            self._looked = True
            self.before_first()
        if self._recorder.asleep or not networks.trained:
            return
        key = id(optimizer)
        if (uncleared := self._uncleared.pop(key, None)) is not None:
            (self._accumulated.add if uncleared else self._accumulated.discard)(key)
        self.seen[id(optimizer)] = self.made.get(id(optimizer), (optimizer, None))
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        self.held |= {id(p) for p in parameters}
        for network in networks.trained.values():
            self.with_gradient |= {id(p) for p in network.parameters() if p.grad is not None}
            self.asked |= {id(p) for p in network.parameters() if p.requires_grad}
        self.with_gradient |= {key for key, (_, p) in networks.loose.items() if p.grad is not None}
        self.passes.setdefault(id(optimizer), []).append(max(1, self._losses.passes - self._passes))
        if self.epochs[id(optimizer)] <= {self._recorder.epochs}:
            self._first_passes[id(optimizer)].append(self.passes[id(optimizer)][-1])
        self._passes = self._losses.passes
        small = sum(p.numel() for p in parameters) <= LARGEST
        if small and (len(self.course) < MEASURED_STEPS or not self.moved):
            self._before = {id(p): p.detach().clone() for p in parameters}
            self.measured |= {id(p) for p in parameters if p.grad is not None}
        if self._gradient is None:
            self._gradient = _length([p.grad for p in parameters if p.grad is not None])
        if not self.statistics:
            self._note_statistics()

    def _stepped(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        recorder = self._recorder
        if id(optimizer) not in self.seen:
            return
        if recorder.asleep:
            recorder.stepped()
            return
        ratio = None
        if self._before:
            change = weight = 0.0
            for group in optimizer.param_groups:
                for p in group["params"]:
                    if id(p) in self._before:
                        moved = float((p.detach() - self._before[id(p)]).norm())
                        change, weight = change + moved**2, weight + float(p.detach().norm()) ** 2
                        if moved > 0:
                            self.moved.add(id(p))
            ratio = math.sqrt(change / weight) if weight else None
            self._before = {}
        rates = tuple(float(group["lr"]) for group in optimizer.param_groups if "lr" in group)
        if id(optimizer) not in self.first_rates and rates:
            group = optimizer.param_groups[0]
            self.first_rates[id(optimizer)] = float(group.get("initial_lr", group.get("lr", 0.0)))
        self.epochs[id(optimizer)].add(recorder.epochs)
        passes = self.passes[id(optimizer)][-1]
        if len(self.course) < 400:
            loss = self._losses.last
            self.course.append(
                SeenStep(recorder.epochs, type(optimizer).__name__, rates[:8], loss, ratio, self._gradient, passes)
            )
        self._gradient = None
        recorder.stepped()

    def _note_statistics(self) -> None:
        """Running means of batch norms whose own weights are frozen, to see whether they move."""
        for network in self._networks.trained.values():
            for layer in caring(network):
                if isinstance(layer, NORMS) and layer.affine and not layer.weight.requires_grad:
                    self.statistics[id(layer)] = layer.running_mean.detach().clone()
        self.statistics.setdefault(0, torch.zeros(()))

    def moving_statistics(self) -> tuple[str, ...]:
        """Frozen batch norms whose running mean has changed since the first step."""
        names = []
        for network in self._networks.trained.values():
            for name, layer in network.named_modules():
                before = self.statistics.get(id(layer))
                frozen = isinstance(layer, NORMS) and layer.affine and not layer.weight.requires_grad
                if before is not None and frozen and not torch.equal(before, layer.running_mean):
                    names.append(name or type(layer).__name__)
        return tuple(names)

    def fates(self, loaded: set[int]) -> dict[str, Layers | None]:
        """The parameters that got no gradient, that no optimizer holds, that no step changed, and that are frozen.

        loaded: identities of parameters that were loaded.
        """
        named = {
            id(p): (name, p) for network in self._networks.trained.values() for name, p in network.named_parameters()
        }
        twins = self._networks.beside(named)
        loose = {
            key: one for key, one in self._networks.loose.items() if key not in named and key in self.with_gradient
        }
        named |= loose
        wanted = {key for key, (_, p) in named.items() if p.requires_grad}
        without = (wanted & self.asked) - self.with_gradient if self.course else set()
        unheld = (wanted & self.with_gradient) - self.held if self.course else set()
        unmoved = (wanted & self.measured) - self.moved
        layers = {
            id(p): module for network in self._networks.trained.values() for module in network.modules()
            for p in module._parameters.values() if p is not None
        }  # fmt: skip

        def grouped(keys: set[int]) -> Layers | None:
            return _layers(keys, named, wanted, layers, self._networks.called)

        frozen = set(named) - wanted
        return {
            "without_gradient": grouped(without),
            "unheld": grouped(unheld),
            "unmoved": grouped(unmoved),
            "frozen": grouped(frozen - twins),
            "frozen_random": grouped(frozen - loaded - twins),
        }

    def _part(self) -> dict[str, Any]:
        if not self.course:
            return {}
        mine = {id(p) for network in self._networks.trained.values() for p in network.parameters()}
        found = []
        for key, (one, where) in self.seen.items():
            group = one.param_groups[0]
            sizes = {id(p): p.numel() for each in one.param_groups for p in each["params"]}
            foreign = sum(size for p, size in sizes.items() if p not in mine) / max(1, sum(sizes.values()))
            options = tuple((name, float(group[name])) for name in KEPT if isinstance(group.get(name), int | float))
            passes = _usual(self._first_passes[key])
            found.append(
                SeenOptimizer(
                    type(one).__name__, options, self.first_rates.get(key), len(one.param_groups), foreign,
                    key in self._accumulated, passes, self._losses.divided, where,
                )
            )  # fmt: skip
        asked, most = self._recorder.asked_accumulation, max(max(passes) for passes in self.passes.values())
        if asked is not None and most == 1 and len(self.course) >= MEASURED_STEPS:
            detail = f"{asked[0]} batches are asked for, and every batch steps"
            self._recorder.mistake("accumulation without effect", detail, asked[1])
        first = next(iter(self.passes.values()))[0]
        if asked is not None and first > asked[0]:
            detail = f"{asked[0]} are asked for, and the first step comes after {first}"
            self._recorder.mistake("accumulation not as asked", detail, asked[1])
        if asked is not None and any(one.name.lower().startswith(PLAIN) for one in found):
            self._divided_twice(asked[0])
        clipping = None
        if self.clips:
            by, limit, _ = self.clips[-1]
            clipping = Clipping(by, limit, float(np.median([length for _, _, length in self.clips])), self.clipped_at)
        return {"optimizers": tuple(found), "course": tuple(self.course), "clipping": clipping}

    def _divided_twice(self, batches: int) -> None:
        """What the library divides by the batches of a step comes to it divided by them."""
        shares = self._losses.shares
        twice = [share for share in shares if math.isclose(share, batches**-2, rel_tol=0.01)]
        if len(twice) > MOSTLY * max(1, len(shares)):
            detail = f"the library divides it by {batches}, and so does the program"
            self._recorder.mistake("accumulation divided twice", detail, self._losses.location)


def _usual(passes: list[int]) -> int:
    """The most frequent number of backward passes for a step, the largest of several: at the end of an epoch, and where
    a run was cut, some steps have others."""
    counted = Counter(passes)
    return max(counted, key=lambda number: (counted[number], number))


def _length(gradients: list[torch.Tensor]) -> float:
    """Of all gradients together."""
    if not gradients:
        return 0.0
    return math.sqrt(sum(float(one.detach().float().norm()) ** 2 for one in gradients))


def _layers(
    keys: set[int], named: dict[int, tuple[str, Any]], wanted: set[int], modules: dict[int, Any], called: set[int]
) -> Layers | None:
    if not keys:
        return None
    layers = list(dict.fromkeys(named[key][0].rpartition(".")[0] for key in named if key in keys))
    last = [key for key, (_, p) in named.items() if p.ndim >= 2][-1:]
    total = sum(p.numel() for _, p in named.values())
    mine = sum(named[key][1].numel() for key in keys)
    return Layers(
        tuple(layers[:NAMES]),
        len(layers),
        mine,
        mine / max(1, total),
        head=bool(keys & set(last)),
        whole=wanted <= keys,
        called=any(id(modules[key]) in called for key in keys if key in modules),
    )
