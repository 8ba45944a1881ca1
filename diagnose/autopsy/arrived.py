"""A network as a person's program left it, beside the checkpoint: which of the file's tensors arrived in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import nn

from diagnose.autopsy.assembling import NAMED, Assembled, State, fitting, given, of_keras, views
from diagnose.autopsy.evaluation import Evaluation
from diagnose.autopsy.keras_models import KerasModel
from diagnose.autopsy.naming import COUNTER, below_prefixes
from diagnose.autopsy.reading import Contents
from diagnose.model import InputError

ARRIVED = 0.02  # share of the tensors that have to be equal for the program to have loaded the file at all
STATISTICS = ("running_mean", "running_var")
ROUNDED = 0.05  # of a tensor's length, that eight bits with a scale for each channel move it by at most
SEVERAL = 16  # values
CLOSE = 1e-2  # relative: a tensor that went through 16 bits


@dataclass(frozen=True)
class Arrived:
    """network: as the program left it. whole: all of the file's weights in its names, where only a part arrived; other:
    the raw weights where the averaged ones arrived, or the other way round; both empty where there are none. averaged:
    whether the averaged weights arrived. trained_here: whether the program evaluates weights of its own, and the file's
    were put in their place."""

    network: Assembled
    whole: State
    other: State
    averaged: bool
    trained_here: bool = False


def arrived(seen: Evaluation, contents: Contents) -> Arrived:
    """What arrived. Raises InputError where the network is none that the file's weights fit."""
    if seen.keras:
        import keras  # type: ignore[import-untyped,import-not-found,unused-ignore]

        model = KerasModel(seen.network, keras.ops.convert_to_numpy)
        return Arrived(of_keras(model), {}, {}, False)
    network: nn.Module = seen.network
    own = {key: value.detach().float().cpu() for key, value in network.state_dict().items()}
    raw, average = (_in_its_names(own, state) for state in (contents.state, contents.average))
    same_raw, same_average = _same(own, raw), _same(own, average)
    averaged = len(same_average) > len(same_raw)
    here, there = (average, raw) if averaged else (raw, average)
    same = same_average if averaged else same_raw
    name = type(network).__name__
    weights = [key for key in own if not key.endswith(COUNTER) and own[key].numel()]
    if not raw and not average:
        raise InputError(f"the program evaluates {name}, and none of the file's tensors are of it")
    opened = len(same) >= ARRIVED * len(weights) or seen.loaded
    if not opened:  # the program trains it, and evaluates another state than the file's
        return Arrived(given(network, contents.state, name), {}, there, averaged, True)
    if seen.training:  # its own batches have moved the statistics since
        moved = {key: value for key, value in here.items() if key.endswith(STATISTICS)}
        network.load_state_dict({**network.state_dict(), **moved})
        same |= moved.keys()
    parameters = {name for name, _ in network.named_parameters()}
    left_out = [key for key in weights if key not in same and (key in here or key in parameters)]
    made = given_as_it_is(network, name, own, tuple(left_out))
    return Arrived(made, here if left_out and set(here) & set(left_out) else {}, there, averaged)


def given_as_it_is(network: nn.Module, name: str, own: State, left_out: tuple[str, ...]) -> Assembled:
    """The program's network, whose weights stay."""
    whole = given(network, own, name)
    return replace(whole, tensors=replace(whole.tensors, not_loaded=left_out[:NAMED], left_out=len(left_out)))


def _in_its_names(own: State, state: State) -> State:
    """The file's tensors of the network's shapes, by the network's names; empty where few are."""
    best: State = {}
    inside = (view for _, view in views(state)) if state else ()
    around = ({f"{prefix}{key}": value for key, value in state.items()} for prefix in below_prefixes(own))
    for view in (*inside, *around):  # the file has a prefix more than the network, or the network is wrapped
        found = fitting(own, view)
        if len(found) > len(best):
            best = found
    return best if len(best) >= len(own) / 4 else {}


def _same(own: State, state: State) -> frozenset[str]:
    """Names of tensors that are equal in both, as far as 16 bits show; weights as far as eight bits do."""
    return frozenset(
        key
        for key, value in state.items()
        if not key.endswith(COUNTER)
        and (
            torch.allclose(own[key], value.float().cpu(), rtol=CLOSE, atol=1e-5, equal_nan=True)
            or (not key.endswith(STATISTICS) and _follows(own[key].flatten(), value.float().cpu().flatten()))
        )
    )


def _follows(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors differ by as little as rounding to eight bits."""
    length = float(other.norm())
    return one.numel() >= SEVERAL and length > 0 and float((one - other).norm()) < ROUNDED * length
