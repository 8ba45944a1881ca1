"""Turns what a Recorder holds into a `diagnose.model.Run`."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from diagnose.model import Location
from diagnose.model.run import HELD_OUT, TRAINING, Modes, Run, SeenFeed, Times
from diagnose.running import files, place
from diagnose.running.overlap import overlap
from diagnose.running.sight import histograms, joined, pictures

if TYPE_CHECKING:
    from diagnose.running.recorder import FeedSeen, Recorder

FILES = 400  # that are reported with their label
BATCHES = 40
FEWEST_FILES = 12  # of one folder, from which on their names are looked at


def summary(recorder: Recorder, ended: str, why: str, location: Location | None) -> Run:
    """All that was seen by now; a part that fails is left out."""
    feeds = sorted(recorder.feeds.values(), key=lambda feed: -(feed.trained or feed.evaluated))
    training = next((feed for feed in feeds if feed.part == TRAINING), None)
    held_out = [feed for feed in feeds if feed.part == HELD_OUT]
    run = Run(
        recorder.command,
        recorder.framework,
        recorder.seconds,
        recorder.first_answer,
        ended,
        why,
        location,
        recorder.epochs,
        recorder.steps,
        recorder.planned,
        feeds=tuple(_feed(feed, training) for feed in ([training] if training else []) + held_out[:2]),
        mistakes=tuple(recorder.mistakes),
        seed=recorder.seed,
        precision=recorder.precision,
        substitutes=tuple(recorder.substitutes),
        output=recorder.output(),
        times=_times(recorder),
        answers=recorder.answers,
    )
    if ended != "running":
        read = ((feed.part, path, number) for feed in feeds for path, number in feed.files[:FILES])
        run = replace(run, files=tuple(read))
        run = replace(run, samples=tuple(replace(one, part=feed.part) for feed in feeds for one in feed.samples))
    if training is not None and training.pictures is not None and ended != "running":
        shown = tuple(pictures(training.pictures, training.pictured))
        run = replace(run, pictures=shown, histograms=histograms(training.pictures))
    for part in recorder.parts:
        try:
            run = replace(run, **part())
        except Exception as fault:  # one part must not take the others with it
            sys.stderr.write(f"diagnose: {fault!r}\n")
    return run


def _feed(feed: FeedSeen, training: FeedSeen | None) -> SeenFeed:
    counted = Counter(zip(_groups([path for path, _ in feed.files[:FILES]]), (n for _, n in feed.files), strict=False))
    training = feed.beside or training
    shared = overlap(feed, training) if training is not None and feed is not training else None
    return SeenFeed(
        feed.part,
        feed.kind,
        feed.images,
        feed.batch_size,
        feed.drop_last,
        feed.workers,
        feed.order,
        joined(feed.pixels),
        joined(feed.given),
        Counter(feed.shapes).most_common(1)[0][0] if feed.shapes else (),
        tuple(feed.labels[:BATCHES]),
        feed.label_kind,
        feed.label_dtype,
        tuple((folder, label, count) for (folder, label), count in counted.most_common(60)),
        len(feed.files),
        files.order(feed.colours),
        feed.drawn_twice,
        feed.drawn_later,
        feed.draws,
        feed.passed_on,
        feed.seeded_at,
        shared,
        float(np.median(feed.seconds)) if feed.seconds else None,
        feed.location,
    )


def _groups(paths: list[str]) -> list[str]:
    """What tells classes in the names of files: the folder, or what a name begins with where one folder holds all."""
    folders = [PurePath(path).parent.name for path in paths]
    if len(set(folders)) > 1 or len(paths) < FEWEST_FILES:
        return folders
    return [
        re.split(r"[\d_.-]", PurePath(path).stem, maxsplit=1)[0] or folder
        for path, folder in zip(paths, folders, strict=True)
    ]


def _times(recorder: Recorder) -> Times | None:
    if len(recorder.computing) < 2:
        return None
    return Times(float(np.median(recorder.loading)), float(np.median(recorder.computing[1:])), recorder.items)


def network_part(recorder: Recorder, networks: Any, optimizers: Any, weights: Any, kind_of: Any) -> dict[str, Any]:
    """The network and the modes of its calls, from the hooks on torch."""
    from diagnose.model.run import SeenNetwork

    if not networks.trained:
        return {"modes": modes(recorder)}
    first = networks.first.values()
    main = max(first, key=lambda one: sum(p.numel() for p in one.parameters()))
    wrapper, inner = "", main
    while (below := _only_child(inner)) is not None:
        wrapper, inner = wrapper or type(inner).__name__, below
    parameters = {id(p): p for one in first for p in one.parameters()}
    outputs = networks.outputs
    values = outputs.detach().float().cpu().numpy() if outputs is not None else None
    factory, asked = weights.made_by()
    from diagnose.running.hooks.torch_networks import NORMS, caring

    network = SeenNetwork(
        type(inner).__name__,
        wrapper,
        sum(p.numel() for p in parameters.values()),
        networks.first_trainable or 0,
        values.shape[1] if values is not None and values.ndim == 2 else 1 if values is not None else None,
        kind_of(values) if values is not None else "",
        constant(recorder),
        weights.share(),
        moving_statistics_of_frozen=optimizers.moving_statistics(),
        has_modes=any(True for one in networks.trained.values() for _ in caring(one)),
        batch_norms=sum(isinstance(layer, NORMS) for one in networks.trained.values() for layer in one.modules()),
        evaluating_norms=networks.evaluating_norms,
        factory=factory,
        weights=asked,
        location=place.of_class(inner),
        **optimizers.fates(weights.loaded),
    )
    return {"network": network, "modes": modes(recorder)}


def _only_child(module: Any) -> Any:
    """The child that holds nearly all parameters of a wrapper that isn't a network of its own."""
    kinds = {kind.__name__ for kind in type(module).__mro__}
    if not kinds & {"LightningModule", "DataParallel", "DistributedDataParallel", "OptimizedModule"}:
        return None
    total = sum(p.numel() for p in module.parameters())
    children = [child for child in module.children() if sum(p.numel() for p in child.parameters()) >= 0.95 * total]
    return children[0] if len(children) == 1 and total else None


def constant(recorder: Recorder) -> bool:
    """Whether every image of each batch that was seen got the same outputs."""
    seen = recorder.spread_of_outputs
    return len(seen) >= 2 and max(seen) <= 1e-9


def modes(recorder: Recorder) -> Modes:
    """In which mode the network was called."""
    counted = recorder.calls
    training, held_out, later, inner = (
        tuple((mode, count) for (part, mode), count in sorted(counted.items()) if part == name and count)
        for name in (TRAINING, HELD_OUT, "later", "inner")
    )
    return Modes(training, held_out, later, inner, recorder.held_out_gradients)
