"""Scores that divide a sum over batches by the wrong count, and scores of only the last batch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Instance, Items, Loop, Table, Thing, Value
from diagnose.model import Fact, Location, MetricArithmetic
from diagnose.training.fields import ancestors
from diagnose.training.lines import nodes
from diagnose.training.measuring.sums import (
    AVERAGED,
    MEANS,
    SUMS,
    Divisors,
    added,
    is_correctness,
    loader_of_addition,
    network_outputs,
)
from diagnose.training.order.orders import alike, literal
from diagnose.training.pytorch.data import find_loader

SHOWS = (
    "builtins.print",
    ".info",
    ".add_scalar",
    ".log",
    ".write",
    ".append",
    "wandb.log",
    ".debug",
    "mlflow.log_metric",
)
LARGE = 5_000  # a batch this large may hold all images
MOST = 20_000  # most values to look at
GATHERS = ("cat", "concatenate", "stack", "compute", "hstack", "vstack")


def metric_arithmetic(reader: Reader) -> Iterator[Fact]:
    """Each mismatched division, once per line, then each score of a last batch."""
    loaders = [event.result for event in reader.trace.calls()
               if isinstance(event.result, Thing) and event.result.short == "DataLoader"]  # fmt: skip
    divisors = Divisors(reader)
    reported: set[Location] = set()
    for division in _divisions(reader):
        found = _misfit(divisors, division, loaders) or _means_by_images(divisors, division)
        if found is not None and division.at not in reported:
            reported.add(division.at)
            how, event, kind = found
            yield MetricArithmetic(division.at, how=how, added_at=event.at.line, counted=kind in ("share", "count"))
    yield from _last_batches(reader, divisors)


def _divisions(reader: Reader) -> Iterator[Thing]:
    """Every division of unknown numbers whose result is used."""
    waiting: list[Value] = []
    for event in reader.trace:
        waiting += [*event.args, *event.kwargs.values(), event.result]
        waiting += [guard.test for guard in event.guards if guard.test is not None]
    seen: set[int] = set()
    while waiting and len(seen) < MOST:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Thing):
            if one.name == "op/":
                yield one
            waiting += [part for part in (one.base, *one.args, *one.kwargs.values()) if part is not None]
        elif isinstance(one, Items):
            waiting += one.items[:50]
        elif isinstance(one, Table):
            waiting += one.pairs.values()


def _misfit(divisors: Divisors, division: Thing, loaders: list[Thing]) -> tuple[str, Event, str] | None:
    """How a division mismatches its sum, the event that added to the sum, and the kind of sum."""
    event = divisors.addition(division.args[0])
    loader = loader_of_addition(event) if event is not None else None
    if event is None or loader is None or loader.short != "DataLoader" or not event.args:
        return None
    kind, divisor = added(event.args[0]), divisors.kind(division.args[-1], loader, loaders)
    if kind is None or divisor is None:
        return None
    if divisor == "other":
        return "other_set", event, kind
    if _batch_of_one(loader):
        return None
    if kind in AVERAGED and divisor == "images":
        return "means_by_images", event, kind
    return ("images_by_batches", event, kind) if kind not in AVERAGED and divisor == "batches" else None


def _means_by_images(divisors: Divisors, division: Thing) -> tuple[str, Event, str] | None:
    """Batch means from a loop over range(0, len(images), size), divided by the number of images."""
    event = divisors.addition(division.args[0])
    loops = [loop for loop in event.loops if not loop.unrolled] if event is not None else []
    over = loops[-1].over if loops else None
    if event is None or not event.args or not isinstance(over, Thing) or over.name != "builtins.range":
        return None
    kind = added(event.args[0])
    cut = len(over.args) == 3 and literal(over.args[2]) != 1 and literal(over.args[0]) == 0
    return ("means_by_images", event, kind) if kind in AVERAGED and cut and _same_count(over, division) else None


def _same_count(over: Thing, division: Thing) -> bool:
    """Whether a division is by the end of a range."""
    end, divisor = over.args[1], division.args[-1]
    return alike(end, divisor) and isinstance(end, Thing) and end.name == "builtins.len"


def _batch_of_one(loader: Thing) -> bool:
    size = loader.arg(1, "batch_size")
    return size is None or literal(size) == 1 or loader.kwargs.get("batch_sampler") is not None


# ---------------------------------------------------------------------- only the last batch


def _last_batches(reader: Reader, divisors: Divisors) -> Iterator[Fact]:
    """Accuracies of one batch that are shown outside the loop over the batches, each once."""
    made = {id(event.result): event for event in reader.trace.calls(*SUMS, *MEANS)}
    reported: set[Location] = set()
    for event in reader.trace:
        if event.name not in SHOWS or event.kind not in ("call", "append"):
            continue
        for one in _shown(event, divisors):
            source = made.get(id(one))
            loop = _batch_loop(source) if source is not None else None
            if source is None or loop is None or loop in event.loops or not event.loops or source.at in reported:
                continue
            if _in_parts(loop) and network_outputs(one) and not _breaks(reader, loop):
                reported.add(source.at)
                yield MetricArithmetic(source.at, how="last_batch", added_at=event.at.line, counted=True)


def _shown(event: Event, divisors: Divisors) -> Iterator[Thing]:
    """The accuracies in a shown value that are not part of a sum, a list or an accumulator object."""
    waiting: list[Value] = [*event.args, *event.kwargs.values()]
    if event.kind == "append":
        waiting = list(event.args[-1:])
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or id(one) in divisors.additions or isinstance(one, Instance):
            continue
        seen.add(id(one))
        if isinstance(one, Table):
            waiting += one.pairs.values()
        elif isinstance(one, Thing) and one.name in (*SUMS, *MEANS):
            if is_correctness(one) and not any(_gathers(part, divisors) for part in ancestors(one, 200)):
                yield one
        elif isinstance(one, Thing) and not _gathers(one, divisors):
            waiting += [part for part in (one.base, *one.args) if part is not None]


def _gathers(value: Value, divisors: Divisors) -> bool:
    return id(value) in divisors.additions or (isinstance(value, Thing) and value.short.lstrip(".") in GATHERS)


def _batch_loop(event: Event) -> Loop | None:
    """The loop over a loader's batches around an event."""
    loops = [loop for loop in event.loops if not loop.unrolled]
    loader = find_loader(loops[-1].over) if loops else None
    return loops[-1] if loader is not None and loader.short == "DataLoader" else None


def _in_parts(loop: Loop) -> bool:
    """Whether a loop certainly iterates over several batches."""
    loader = find_loader(loop.over)
    size = literal(loader.arg(1, "batch_size")) if loader is not None and loader.arg(1, "batch_size") else None
    return isinstance(size, int) and size < LARGE


def _breaks(reader: Reader, loop: Loop) -> bool:
    """Whether a loop may end before its last iteration."""
    return any(
        isinstance(node, ast.For)
        and node.iter.lineno == loop.at.line
        and any(isinstance(part, ast.Break | ast.Return) for part in ast.walk(node))
        for node in nodes(reader, loop.at)
    )
