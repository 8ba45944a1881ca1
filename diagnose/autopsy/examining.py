"""One checkpoint from its file to its character, with what is known said after each step."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from diagnose.autopsy.assembling import with_values
from diagnose.autopsy.character import described, probabilities, surest
from diagnose.autopsy.evaluation import Evaluation
from diagnose.autopsy.forwarding import Network
from diagnose.autopsy.inputs import Pictures
from diagnose.autopsy.job import Job
from diagnose.autopsy.orders import Order
from diagnose.autopsy.reading import Contents, read
from diagnose.autopsy.searching import Search, as_written, in_order, restored
from diagnose.autopsy.standing import Standing, rounded, standing
from diagnose.autopsy.unreadable import Unreadable
from diagnose.autopsy.variants import AVERAGED, RUNNING, WHOLE, Variant, variants
from diagnose.model import InputError, wilson
from diagnose.model.checkpoint import AVERAGE, INPUT_KINDS, ORDER, Checkpoint, Unlabelled
from diagnose.probing.threads import Threads, processors

PLANNED = 12.0  # seconds that the forward passes are planned for; a busy machine takes longer
ALIKE = 0.9  # of the program's answers, that have to come again for its input to count as measured
AS_GOOD = 0.05  # of accuracy, by which two explanations are equally good
AS_STATED = 0.02  # of accuracy: how much lower than the file says is as the file says
MOST_SAID = 10
TRAINED = 200  # training images that the gap is measured on
THUMBNAIL = 96
Say = Callable[[Checkpoint], None]


def examine(job: Job, say: Say, note: Callable[[str], None], seen: Evaluation | None = None) -> tuple[Checkpoint, str]:
    """All that can be known of the checkpoint within the time, and "1" for each image that it gets right at its best,
    "0" for the others. Nothing in its file is executed. seen: what the person's program evaluated, where it was run."""
    began = time.monotonic()
    state = Checkpoint(job.file, of_classes=len(job.classes), split=job.split)

    def known(**more: object) -> None:
        nonlocal state
        more["said"] = (*more.pop("said", state.said), *more.pop("said_later", ()))  # type: ignore[misc]
        state = replace(state, seconds=time.monotonic() - began, **more)  # type: ignore[arg-type]
        say(state)

    try:
        contents = read(Path(job.file))
    except Unreadable as fault:
        known(fault=str(fault))
        return state, ""
    tensors = with_values(state.tensors, contents.state)
    known(tensors=tensors, classes=contents.classes, said=_said(contents),
          framework="pytorch" if contents.model is None else "keras")  # fmt: skip
    note("naming the architecture")
    try:
        as_it_stands = standing(job, contents, seen)
    except InputError as fault:
        known(stopped=str(fault))
        return state, ""
    network, shapes = as_it_stands.network, as_it_stands.network.tensors
    tensors = replace(
        tensors,
        missing=shapes.missing,
        extra=shapes.extra,
        misshapen=shapes.misshapen,
        head=shapes.head,
        outputs=shapes.outputs,
        not_loaded=shapes.not_loaded,
        left_out=shapes.left_out,
    )
    known(
        arch=network.arch,
        named_by=as_it_stands.named_by,
        tensors=tensors,
        said=(*state.said, *as_it_stands.said, *network.notes),
    )
    if not job.held_out:
        known(stopped="no images were given to evaluate it on")
        return state, ""
    if tensors.not_finite:
        known(stopped="its weights aren't numbers")
        return state, ""
    known(written=as_it_stands.feed, known=as_it_stands.known, assumed=as_it_stands.assumed)
    hits = ""
    try:
        hits = _evaluate(contents, as_it_stands, known, note, began + job.seconds)
    except Exception as fault:  # a network of a person's own, or one that takes other images
        text = str(fault).splitlines()[0] if str(fault) else ""
        known(stopped=f"its forward pass failed ({type(fault).__name__}: {text[:160]})")
    return state, hits


def _said(contents: Contents) -> tuple[str, ...]:
    """What the file holds beside the weights, as sentences."""
    lines = []
    if contents.place:
        lines.append(f"the weights are under {contents.place}")
    if contents.average:
        lines.append(f"a moving average of the weights is under {contents.average_at}")
    if contents.stated is not None:
        lines.append(f"an accuracy of {contents.stated:.1%} is in it")
    if contents.classes:
        lines.append(f"{len(contents.classes)} class names are in it")
    shown = [f"{name} {value}" for name, value in contents.settings.items() if len(str(value)) < 40][:MOST_SAID]
    if shown:
        lines.append(f"settings in it: {', '.join(shown)}")
    return tuple(lines)


def _evaluate(
    contents: Contents,
    as_it_stands: Standing,
    known: Callable[..., None],
    note: Callable[[str], None],
    deadline: float,
) -> str:
    job, network, feed = as_it_stands.job, as_it_stands.network, as_it_stands.feed
    device = torch.device("cuda" if job.device in ("auto", "cuda") and torch.cuda.is_available() else "cpu")
    own = "OMP_NUM_THREADS" in os.environ  # as many threads as the person wants
    threads = None if own or device.type != "cpu" else Threads(processors())
    others = {AVERAGED: as_it_stands.other, WHOLE: as_it_stands.whole}
    runner = Network(
        network.model.to(device).eval(),
        device,
        {name: weights for name, weights in others.items() if weights},
        as_it_stands.autocast,
        threads,
    )
    if as_it_stands.hits:
        known(**_scored(np.array(as_it_stands.hits), job))
    note("decoding images for the checkpoint")
    pictures = as_it_stands.pictures() if as_it_stands.pictures else Pictures([path for path, _ in job.held_out])
    train = Pictures([path for path, _ in job.train]) if job.train else None
    labels = np.array([label for _, label in job.held_out], np.int64)
    search = Search(runner, pictures, labels, job.classes, train, contents.classes, deadline)
    if train is not None and as_it_stands.pictures is None:
        search.trained = np.array([label for _, label in job.train], np.int64)
    base = as_written(feed)
    search.plan(base, min(PLANNED, job.seconds / 2))
    changes = _changes(as_it_stands, runner, bool(train))
    if len(job.classes) < 2:
        note("comparing answers under other preprocessing")
        known(unlabelled=_unlabelled(search, base, changes), images=search.images)
        return ""
    usual = as_it_stands.order
    if as_it_stands.unread:
        base, usual, taken = _taken(search, base, usual, changes, as_it_stands.unread)
        known(assumed=(*as_it_stands.assumed, *taken))
    note("evaluating the checkpoint as written")
    hits = search.hits(base, usual, 0, search.images)
    if as_it_stands.hits:
        seen = np.array(as_it_stands.hits, np.float64)
        alike = float((hits == seen[: len(hits)]).mean())
        if alike < ALIKE and as_it_stands.given is not None and feed.mode == "eval":
            return _evaluate(contents, as_it_stands.given, known, note, deadline)
        search.seen, hits = (base, usual, seen), seen[: len(hits)]
    else:
        note(f"as written it scores {hits.mean():.1%} on {search.images} images")
        known(**_scored(hits, job))
    note("evaluating the checkpoint under other preprocessing")
    best, order, first = base, usual, None
    if contents.stated is not None and hits.mean() >= contents.stated - AS_STATED:
        known(said_later=("it scores as the file says that it did, so no change was tried",))
        found = None
    else:
        found = search.found(base, usual, changes)
    if found is not None:
        first = restored(found, len(search.tried), as_it_stands.known, search.images - search.half)
        if found.arm.kind == ORDER:
            order = search.order_of(found.arm, base, usual)
        else:
            best = next(one for one in changes if one.words == found.arm.words)
    tried = tuple(sorted(search.tried, key=lambda one: -one.accuracy))
    left_out = (f"{search.left_out} changes were not tried, for lack of time",) if search.left_out else ()
    known(tried=tried, restored=first, said_later=left_out)
    note("describing the model")
    outputs = in_order(search.outputs(best, 0, search.images), order)
    wrong = surest(outputs.astype(np.float64), labels[: search.images])
    known(
        character=described(
            outputs.astype(np.float64),
            labels[: search.images],
            job.classes,
            [replace(one, groups=one.groups[: search.images]) for one in job.attributes],
            job.shown,
            _on_training_images(job, runner, train, best, order, search.images, deadline),
            {at: pictures.thumbnail(at, THUMBNAIL) for at in wrong},
            search.half,
        )
    )
    return "".join("1" if hit else "0" for hit in outputs.argmax(1) == labels[: search.images])


def _taken(
    search: Search, base: Variant, usual: Order, changes: list[Variant], unread: frozenset[str]
) -> tuple[Variant, Order, tuple[str, ...]]:
    """The weights and the order of classes that score best, where which of them a program uses was not read; and
    sentences about that. A person who is asked about a program that does it right is not to be accused of the other."""
    said = []
    for kind in (AVERAGE, ORDER):
        arms = [arm for arm in search.arms(base, usual, changes) if arm.kind == kind] if kind in unread else []
        found = search.best_of(arms, base, usual)
        if found is None:
            continue
        if kind == ORDER:  # swapped channels can pass for swapped classes
            inputs = [arm for arm in search.arms(base, usual, changes) if arm.kind in INPUT_KINDS and not arm.rare]
            by_input = search.best_of(inputs, base, usual)
            if by_input is not None and by_input.after >= found.after - AS_GOOD:
                continue
        scores = f"{found.after:.0%} against {found.before:.0%}"
        said.append(f"{found.arm.words} ({scores}): whether the program has them so was not read, and --run shows it")
        if kind == ORDER:
            usual = search.order_of(found.arm, base, usual)
        else:
            base = next(one for one in changes if one.words == found.arm.words)
            changes[:] = [replace(one, network=base.network) if one.network == RUNNING else one for one in changes]
    return base, usual, tuple(said)


def _scored(hits: np.ndarray, job: Job) -> dict[str, object]:
    """Accuracy as written on the first images, beside that of the largest class."""
    counts = np.bincount([label for _, label in job.held_out[: len(hits)]], minlength=len(job.classes))
    return {
        "images": len(hits),
        "accuracy": float(hits.mean()),
        "interval": wilson(float(hits.sum()), len(hits)),
        "majority": float(counts.max() / len(hits)),
    }


def _changes(as_it_stands: Standing, runner: Network, train: bool) -> list[Variant]:
    job, network = as_it_stands.job, as_it_stands.network
    weight = next(network.model.parameters(), None)
    return list(
        variants(
            as_it_stands.feed,
            (job.data_mean, job.data_std),
            (network.native, rounded(min(job.stored_side, network.native))),
            train=train and as_it_stands.pictures is None,
            norms=bool(runner.norms),
            average=("averaged" if as_it_stands.averaged else "raw") if AVERAGED in runner.others else "",
            whole=WHOLE in runner.others,
            low=bool(as_it_stands.autocast) or (weight is not None and weight.element_size() == 2),
            any_side=not network.one_side,
        )
    )


def _on_training_images(
    job: Job, runner: Network, train: Pictures | None, best: Variant, order: Order, images: int, deadline: float
) -> tuple[np.ndarray, np.ndarray] | None:
    count = min(TRAINED, images, len(job.train))
    if train is None or not job.split or time.monotonic() + count * best.cost / runner.rate > deadline:
        return None
    outputs = runner.outputs(train, best, 0, count, train).numpy()
    return in_order(outputs, order).astype(np.float64), np.array([label for _, label in job.train[:count]], np.int64)


def _unlabelled(search: Search, base: Variant, changes: list[Variant]) -> Unlabelled:
    """How sure the answers are under each change, and how many of them agree with those as written."""
    count = search.half or search.images
    plain = search.answers(base, 0, count)

    def sure(variant: Variant) -> float:
        return float(probabilities(search.outputs(variant, 0, count).astype(np.float64)).max(1).mean())

    rows = []
    for change in changes:
        if time.monotonic() + count * change.cost / search.network.rate > search.deadline:
            continue
        try:
            agreement = float((search.answers(change, 0, count) == plain).mean())
        except Exception:  # a network that takes images of one size alone
            continue
        rows.append((change.words, sure(change), agreement))
    return Unlabelled(count, sure(base), tuple(rows))
