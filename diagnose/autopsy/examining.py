"""One checkpoint from its file to its character, with what is known said after each step."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from diagnose.autopsy.assembling import Assembled, assemble, given, named, of_keras, with_values
from diagnose.autopsy.character import described, probabilities, surest
from diagnose.autopsy.forwarding import Network
from diagnose.autopsy.inputs import Pictures
from diagnose.autopsy.job import Job
from diagnose.autopsy.keras_models import KerasModel
from diagnose.autopsy.orders import Order
from diagnose.autopsy.reading import Contents, read
from diagnose.autopsy.searching import Search, as_written, in_order, restored
from diagnose.autopsy.unreadable import Unreadable
from diagnose.autopsy.variants import Variant, geometry, variants
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, InputError, wilson
from diagnose.model.checkpoint import CHANNELS, NORMALISATION, ORDER, RANGE, Checkpoint, Feed, Unlabelled
from diagnose.network.build import build
from diagnose.probing.architectures import canonical
from diagnose.probing.architectures import known as known_arch
from diagnose.probing.threads import Threads, processors

PLANNED = 12.0  # seconds that the forward passes are planned for; a busy machine takes longer
AS_STATED = 0.02  # of accuracy: how much lower than the file says is as the file says
SIZE_SETTINGS = ("image_size", "img_size", "input_size", "imgsz", "crop_size", "resolution", "size")
SMALLEST, LARGEST = 16, 1024  # px of a size that a setting may mean
MOST_SAID = 10
TRAINED = 200  # training images that the gap is measured on
THUMBNAIL = 96
Say = Callable[[Checkpoint], None]


def examine(job: Job, say: Say, note: Callable[[str], None]) -> tuple[Checkpoint, str]:
    """All that can be known of the checkpoint within the time, and "1" for each image that it gets right at its best,
    "0" for the others. Nothing in its file is executed."""
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
        network, named_by, doubts = _assembled(job, contents)
    except InputError as fault:
        known(stopped=str(fault))
        return state, ""
    shapes = network.tensors
    tensors = replace(
        tensors,
        missing=shapes.missing,
        extra=shapes.extra,
        misshapen=shapes.misshapen,
        head=shapes.head,
        outputs=shapes.outputs,
    )
    known(arch=network.arch, named_by=named_by, tensors=tensors, said=(*state.said, *doubts, *network.notes))
    if not job.held_out:
        known(stopped="no images were given to evaluate it on")
        return state, ""
    if tensors.not_finite:
        known(stopped="its weights aren't numbers")
        return state, ""
    feed, assumed = _completed(job, contents, network)
    known(written=feed, known=job.known, assumed=(*job.assumed, *assumed))
    hits = ""
    try:
        hits = _evaluate(job, contents, network, feed, known, note, began + job.seconds)
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


def _assembled(job: Job, contents: Contents) -> tuple[Assembled, str, tuple[str, ...]]:
    """The network, what names it, and what speaks against it. Raises InputError where nothing fits."""
    if contents.model is not None:
        return of_keras(contents.model), "the file", ()
    if job.model is not None:
        return _own(job.model, max(2, len(job.classes)), contents), "--model", ()
    if job.arch is not None:
        return assemble(job.arch, contents.state), "--arch", ()
    doubts: tuple[str, ...] = ()
    found = named(contents.state)
    said = canonical(job.said_arch) if known_arch(job.said_arch) and job.said_arch else None
    if said is not None and (found is None or found[0] != said):
        try:
            network = assemble(said, contents.state)
            if found is None or not (network.tensors.missing or network.tensors.misshapen):
                return network, "the program", ()
        except InputError as fault:
            doubts = (f"the program makes {said}, and {fault}",)
    if found is None:
        raise InputError(
            "its architecture can't be named from its tensors: name it with --arch, or your own network with --model"
        )
    by = "the tensors and the program" if found[0] == said else "the tensors"
    if said is not None and found[0] != said:
        doubts = (f"the program makes {said}, and the tensors are those of {found[0]}",)
    return assemble(found[0], contents.state), by, doubts


def _own(source: str, classes: int, contents: Contents) -> Assembled:
    """The network of a person's own code, with as many classes as the images have, else as the file's last tensor."""
    last = next((len(one) for one in reversed(contents.state.values()) if one.dim() in (1, 2)), classes)
    made, why = [], None
    for count in dict.fromkeys((classes, last)):
        try:
            made.append(given(build(source, count)[0], contents.state, source))
        except InputError as fault:
            why = fault
        except Exception as fault:  # it is a person's own code
            raise InputError(f"{source} failed ({type(fault).__name__}: {fault})") from None
        else:
            if not made[-1].tensors.misshapen:
                break
    if why is not None and not made:
        raise why
    return min(made, key=lambda one: len(one.tensors.misshapen))


def _completed(job: Job, contents: Contents, network: Assembled) -> tuple[Feed, tuple[str, ...]]:
    """The feed as written, with what nothing says assumed; and sentences about that."""
    feed, assumed = job.written, []
    parts = {one.part for one in job.known}
    if not feed.size:
        inside = next((contents.settings[name] for name in SIZE_SETTINGS
                       if isinstance(contents.settings.get(name), int)
                       and SMALLEST <= contents.settings[name] <= LARGEST), None)  # fmt: skip
        size = inside or min(network.native, _rounded(job.stored_side))
        feed = replace(feed, size=size)
        assumed.append(f"{geometry(feed)}" + (", as a setting in the file says" if inside else ""))
    if contents.model is not None:
        feed, said = _for_keras(feed, parts, contents.model)
        assumed += said
    elif NORMALISATION not in parts and not feed.mean and feed.unit == "0..1":
        feed = replace(feed, mean=IMAGENET_MEAN, std=IMAGENET_STD)
        assumed.append("pixels of 0..1 with ImageNet's mean and std")
    if network.channels == 1:
        feed = replace(feed, order="grey", mean=feed.mean[:1], std=feed.std[:1])
        assumed.append("grey images, as its first layer takes one channel")
    elif CHANNELS not in parts:
        assumed.append(f"channels as {feed.order}")
    return feed, tuple(assumed)


def _for_keras(feed: Feed, parts: set[str], model: KerasModel) -> tuple[Feed, list[str]]:
    """The feed of a model of Keras, whose own layers may do a part of the program's preprocessing."""
    said = []
    if model.side and feed.size != model.side:
        feed = replace(feed, size=model.side, side=0, shape="squash")
        said.append(f"squashed to the {model.side} px that its input layer takes")
    if model.scales:
        feed = replace(feed, unit="0..255", mean=(), std=())
        said.append("pixels of 0..255, as its own layers scale them")
    elif not {RANGE, NORMALISATION} & parts:
        said.append("pixels of 0..1")
    return feed, said


def _rounded(side: int) -> int:
    """To the next multiple of 32 px at most, from 32 on."""
    return side if side < 32 else max(32, side // 32 * 32)


def _evaluate(
    job: Job,
    contents: Contents,
    network: Assembled,
    feed: Feed,
    known: Callable[..., None],
    note: Callable[[str], None],
    deadline: float,
) -> str:
    device = torch.device("cuda" if job.device in ("auto", "cuda") and torch.cuda.is_available() else "cpu")
    average = {key.removeprefix(f"{contents.average_at}."): value for key, value in contents.average.items()}
    fitted = _average_of(network, average)
    own = "OMP_NUM_THREADS" in os.environ  # as many threads as the person wants
    threads = None if own or device.type != "cpu" else Threads(processors())
    runner = Network(network.model.to(device).eval(), device, fitted, threads)
    note("decoding images for the checkpoint")
    pictures = Pictures([path for path, _ in job.held_out])
    train = Pictures([path for path, _ in job.train]) if job.train else None
    labels = np.array([label for _, label in job.held_out], np.int64)
    search = Search(runner, pictures, labels, job.classes, train, contents.classes, deadline)
    base = as_written(feed)
    search.plan(base, min(PLANNED, job.seconds / 2))
    changes = _changes(job, network, feed, runner, bool(train))
    if len(job.classes) < 2:
        note("comparing answers under other preprocessing")
        known(unlabelled=_unlabelled(search, base, changes), images=search.images)
        return ""
    usual = tuple(range(len(job.classes)))
    note("evaluating the checkpoint as written")
    hits = search.hits(base, usual, 0, search.images)
    counts = np.bincount(labels[: search.images], minlength=len(job.classes))
    note(f"as written it scores {hits.mean():.1%} on {search.images} images")
    known(images=search.images, accuracy=float(hits.mean()), interval=wilson(float(hits.sum()), search.images),
          majority=float(counts.max() / search.images))  # fmt: skip
    note("evaluating the checkpoint under other preprocessing")
    best, order, first = base, usual, None
    if contents.stated is not None and hits.mean() >= contents.stated - AS_STATED:
        known(said_later=("it scores as the file says that it did, so no change was tried",))
        found = None
    else:
        found = search.found(base, usual, changes)
    if found is not None:
        first = restored(found, len(search.tried), job.known)
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


def _average_of(network: Assembled, average: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The averaged weights in the network's names; empty where they aren't of this network."""
    own = network.model.state_dict()
    for prefix in ("", network.prefix, "module.", f"module.{network.prefix}", "model.", "module.model."):
        found = {key.removeprefix(prefix): value for key, value in average.items()}
        fitting = {key: value for key, value in found.items() if key in own and own[key].shape == value.shape}
        if len(fitting) >= sum(1 for key in own if key.endswith("weight")):
            return fitting
    return {}


def _changes(job: Job, network: Assembled, feed: Feed, runner: Network, train: bool) -> list[Variant]:
    return list(
        variants(
            feed,
            (job.data_mean, job.data_std),
            (network.native, _rounded(min(job.stored_side, network.native))),
            train=train,
            norms=bool(runner.norms),
            average=bool(runner.average),
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
