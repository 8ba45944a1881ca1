"""A checkpoint as written: the network, its input and the numbers of the classes, as read or as seen in a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from diagnose.autopsy import orders
from diagnose.autopsy.arrived import arrived
from diagnose.autopsy.assembling import Assembled, State, assemble, fitting, given, named, of_keras
from diagnose.autopsy.evaluation import Evaluation
from diagnose.autopsy.inputs import Given, Pictures
from diagnose.autopsy.job import Job
from diagnose.autopsy.keras_models import KerasModel
from diagnose.autopsy.measured import Measured, measured
from diagnose.autopsy.orders import Order
from diagnose.autopsy.reading import Contents
from diagnose.autopsy.variants import geometry
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, InputError
from diagnose.model.checkpoint import (
    ARRIVAL,
    AVERAGE,
    BY_RUN,
    CHANNELS,
    GIVEN,
    MODE,
    NORMALISATION,
    ORDER,
    PRECISION,
    RANGE,
    Feed,
    Known,
)
from diagnose.network.build import build
from diagnose.probing.architectures import canonical
from diagnose.probing.architectures import known as known_arch

SIZE_SETTINGS = ("image_size", "img_size", "input_size", "imgsz", "crop_size", "resolution", "size")
SMALLEST, LARGEST = 16, 1024  # px of a size that a setting may mean
LEAST_SEEN = 40  # images that a program has to evaluate for its own input to be taken
FAR = 0.08  # of an accuracy, by which a printed one may differ where some images or labels are known otherwise
SPEAKS = re.compile(r"(?i)acc|correct|right|top-?1|hit|score|%")
ROUNDED = 6e-4  # of an accuracy, as programs print it


class Unfollowed(InputError):
    """What a program prints is not what the answers of its network give: nothing can begin from these."""


@dataclass(frozen=True)
class Standing:
    """What the changes begin from. job: with the images that are evaluated; known: parts of `feed` that were read or
    seen; assumed: sentences about the others. order: of the classes. whole, other, averaged: as of Arrived.
    autocast: the type of 16 bits that the program computes in. pictures: makes the images. hits: 1 for each image of
    the job that the program got right, 0 for the others; empty where it wasn't run. given: the same on the images as
    the program made them, where its input was measured. unread: kinds that a program was given for and that were not
    read of it, so that what scores best is taken to be the program's."""

    job: Job
    network: Assembled
    named_by: str
    feed: Feed
    known: tuple[Known, ...] = ()
    assumed: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    order: Order = ()
    whole: State | None = None
    other: State | None = None
    averaged: bool = False
    autocast: str = ""
    pictures: Callable[[], Pictures] | None = None
    hits: tuple[int, ...] = ()
    given: Standing | None = None
    unread: frozenset[str] = frozenset()


def standing(job: Job, contents: Contents, seen: Evaluation | None) -> Standing:
    """As the program's run shows it, where there is one; else as it was read. Raises InputError where nothing names the
    network."""
    why = ""
    if seen is not None:
        why = f"the program evaluated {seen.images} images in its run: {seen.fault or 'too few to go by'}"
    if seen is not None and seen.images >= LEAST_SEEN and job.held_out:
        try:
            return _seen(job, contents, seen)
        except Unfollowed:
            raise
        except InputError as fault:
            why = str(fault)
    try:
        network, named_by, doubts = _assembled(job, contents)
    except InputError as fault:
        raise InputError(f"{fault}; {why}" if why else str(fault)) from None
    feed, assumed = _completed(job, contents, network)
    average = {key.removeprefix(f"{contents.average_at}."): value for key, value in contents.average.items()}
    unread = {AVERAGE, ORDER} - {one.part for one in job.known} if job.with_program else set()
    return Standing(
        job,
        network,
        named_by,
        feed,
        job.known,
        (*job.assumed, *assumed),
        (*doubts, why) if why else doubts,
        tuple(range(len(job.classes))),
        other=_average_of(network, average),
        unread=frozenset(unread),
    )


def _seen(job: Job, contents: Contents, seen: Evaluation) -> Standing:
    """By the program's own evaluation."""
    came = arrived(seen, contents)
    found = measured(job, seen)
    job, images = _of_seen(job, seen, found)
    if not len(images):
        raise InputError(f"the program evaluated {seen.images} images, and none of them is a validation image of DATA")
    outputs = np.concatenate([batch.outputs for batch in seen.batches])
    answers = orders.answers_of(outputs[images])
    labels = np.array([label for _, label in job.held_out], np.int64)
    order, how = _numbering(job, answers, labels, outputs.shape[1], found, seen)
    if not came.trained_here:
        share = float(orders.right(labels, answers, order).mean())
        _follow(seen, share, len(labels))
    shown = f"the program's own run shows the network, its input and its answers to {len(images)} of these images"
    side = max(seen.batches[0].images.shape[2:])
    made = torch.from_numpy(np.concatenate([batch.images for batch in seen.batches])[images])
    paths = [path for path, _ in job.held_out]
    known = (Known(AVERAGE), Known(PRECISION), Known(ARRIVAL), Known(MODE), *((Known(ORDER),) if how else ()))
    as_made = Standing(
        job,
        came.network,
        BY_RUN,
        Feed(side, GIVEN, mode="train" if seen.training else "eval"),
        (*known, Known(CHANNELS)),
        ("how the program makes its images could not be measured", *(() if how else ("classes sorted by name",))),
        (shown, *((how,) if how else ())),
        order,
        came.whole,
        came.other,
        came.averaged,
        seen.batches[0].autocast,
        lambda: Given(paths, made),
        () if came.trained_here else tuple(int(one) for one in orders.right(labels, answers, order)),
    )
    if found.feed is None:
        return as_made
    return replace(
        as_made,
        feed=found.feed,
        known=(*known, *found.known),
        assumed=as_made.assumed[1:],
        pictures=None,
        given=as_made,
    )


def _of_seen(job: Job, seen: Evaluation, found: Measured) -> tuple[Job, list[int]]:
    """The job with the images that the program evaluated, in its own (random) order, and where these stand among all
    that were evaluated."""
    rows: dict[int, int] = {}
    for row, place in enumerate(found.places):
        if place >= 0:
            rows.setdefault(place, row)
    kept = sorted(rows)
    if len(kept) == len(job.held_out):
        return job, [rows[place] for place in kept]
    copies = set(job.copies)
    return replace(
        job,
        held_out=tuple(job.held_out[place] for place in kept),
        shown=tuple(job.shown[place] for place in kept),
        copies=tuple(at for at, place in enumerate(kept) if place in copies),
        attributes=tuple(
            replace(one, groups=tuple(one.groups[place] for place in kept)) for one in job.attributes if one.groups
        ),
    ), [rows[place] for place in kept]


def _numbering(
    job: Job, answers: np.ndarray, labels: np.ndarray, width: int, found: Measured, seen: Evaluation
) -> tuple[Order, str]:
    """For each class the output that the program holds it against, and how that is known: by the labels of its loader,
    else by the accuracy that it prints; "" where it is taken to be by name."""
    usual = tuple(range(len(job.classes)))
    if found.order is not None:
        return found.order, "its numbers of the classes were seen"
    printed = _shares(seen.printed)
    complete = len(labels) == seen.images
    near = ROUNDED if complete else 0.5 / len(labels) ** 0.5
    for words, order in orders.every(job.classes, width, ()):
        share = float(orders.right(labels, answers, order).mean())
        if any(abs(share - one) <= near for one in printed):
            return order, f"the accuracy that it prints is that of classes {words}"
    return usual, ""


def _follow(seen: Evaluation, share: float, images: int) -> None:
    """Raises Unfollowed where the program prints accuracies, none of which is that of its network's answers."""
    lines = [line for line in seen.printed.splitlines() if SPEAKS.search(line)]
    printed = [one for line in lines for one in _accuracies(line)]
    if printed and not any(abs(share - one) <= max(FAR, 1 / images**0.5) for one in printed):
        raise Unfollowed(
            f"the program prints “{lines[-1].strip()[:80]}”, and the answers of its network give {share:.1%} of "
            f"{images} images: what it does with them was not followed, and nothing is concluded from them"
        )


def _accuracies(line: str) -> list[float]:
    """What a line may print as an accuracy, 0..1: in percent, as a share or as a count."""
    counts = re.findall(r"(\d+)\s*(?:/|of|out of)\s*(\d+)", line)
    found = [int(right) / int(whole) for right, whole in counts if int(whole) >= int(right) and int(whole) > 9]
    for number, percent in re.findall(r"(?<![\w.])(\d+\.\d+|\d+(?=\s*%))\s*(%?)", line):
        value = float(number) / 100 if percent or float(number) > 1 else float(number)
        found += [value] if value <= 1 else []
    return found


def _shares(text: str) -> list[float]:
    """Numbers in a text that may be an accuracy, 0..1."""
    found = [float(word) for word in re.findall(r"(?<![\w.])\d+\.\d+(?![\w.]*\.\d)", text)]
    counts = re.findall(r"(\d+)\s*(?:/|of|out of)\s*(\d+)", text)
    ratios = [int(right) / int(whole) for right, whole in counts if int(whole) >= int(right) > 0 and int(whole) > 9]
    return [*ratios, *(one for one in found if one <= 1), *(one / 100 for one in found if one <= 100)]


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
        size = inside or min(network.native, rounded(job.stored_side))
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


def rounded(side: int) -> int:
    """A side in px, to the next multiple of 32 px at most, from 32 on."""
    return side if side < 32 else max(32, side // 32 * 32)


def _average_of(network: Assembled, average: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The averaged weights in the network's names; empty where they aren't of this network."""
    own = network.model.state_dict()
    for prefix in ("", network.prefix, "module.", f"module.{network.prefix}", "model.", "module.model."):
        found = {key.removeprefix(prefix): value for key, value in average.items()}
        fits = fitting(own, found)
        if len(fits) >= sum(1 for key in own if key.endswith("weight")):
            return fits
    return {}
