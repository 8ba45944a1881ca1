"""Images that reached the network, found again among the dataset's, so that their labels and colours can be compared.

Programs that hold their images in arrays, or read them in a graph, open no file that could be seen. An image is known
all the same by what it shows: its brightness at 16 x 16, whatever scale, offset and order of channels it has by then,
is held against the scan's thumbnails, squashed as a whole and as the centre crops that are usual, and mirrored.
"""

from __future__ import annotations

import base64
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.surround import swapped
from diagnose.dataset.table import USABLE
from diagnose.dataset.thumbnails import BLUE, BYTES, COLOUR_SIDE, RED, Thumbnails, boxes, unpacked
from diagnose.dataset.thumbnails import SIDE as THUMBNAIL
from diagnose.model import Interval
from diagnose.model.run import HELD_OUT, TRAINING, Run, Sample, SeenFeed
from diagnose.running import files
from diagnose.running.sight import planes

if TYPE_CHECKING:
    from diagnose.running.recorder import FeedSeen

SIDE = 16  # px, at which images are compared
MIDDLE, SPREAD = 128.0, 32.0  # of the bytes that stand for an image
KEPT, COLOURS_KEPT = 256, 160  # images of each loader, and places among them for those with their colours
FLAT = 1e-6  # standard deviation, below which an image shows nothing
SEARCHED = 20_000  # images of the dataset, evenly chosen
PART = 2_000
ZOOMS = (1.0, 0.875)  # of a centre crop's side: 224 of 256 px is the usual one
ALIKE, AHEAD = 0.95, 0.015  # correlation with the image, and by how much it exceeds that with any of another class
OF_CLASS, SURE = 4, 3.0  # images of a class in each part; standard deviations on both sides, which hold 99.7%
COLOURED = 8  # images with colour, from which on the order of channels is taken from them
FEWEST = 24  # images that were found again, from which on this counts for more than names of folders

Floats = NDArray[np.float32]


def keep_samples(feed: FeedSeen, batch: np.ndarray, labels: np.ndarray | None, colours: bool = True) -> None:
    """Notes what the images of a batch look like, with their class numbers. batch: as it comes to the first layer, or
    without colours as it comes from the loader."""
    room = (KEPT if colours else KEPT - COLOURS_KEPT) - len(feed.samples)
    if labels is None or batch.ndim not in (3, 4) or len(labels) != len(batch) or room <= 0:
        return
    images = planes(batch)[:room].astype(np.float32)
    if images.shape[1] not in (1, 3) or min(images.shape[2:]) < SIDE // 2 or not np.isfinite(images).all():
        return
    luma = boxes(images.shape[2], SIDE) @ images.mean(axis=1) @ boxes(images.shape[3], SIDE).T
    means = images.mean(axis=(2, 3)) if images.shape[1] == 3 and colours else np.empty((len(images), 0))
    rows, columns = boxes(images.shape[2], COLOUR_SIDE), boxes(images.shape[3], COLOUR_SIDE).T
    warm = (rows @ (images[:, 0] - images[:, -1]) @ columns).astype(np.float32)
    for label, one, colour, parts in zip(labels, luma, means, warm, strict=False):
        if (spread := one.std()) > FLAT:
            levels = np.clip((one - one.mean()) / spread * SPREAD + MIDDLE + 0.5, 0, 255).astype(np.uint8)
            text = base64.b64encode(levels.tobytes()).decode()
            pattern = base64.b64encode(parts.tobytes()).decode() if len(colour) else ""
            feed.samples.append(Sample("", int(label), text, tuple(map(float, colour)), pattern))


class Twin(NamedTuple):
    """The image of the dataset that a sample shows: its class, and its mean red, green and blue in 0..255."""

    sample: Sample
    name: str
    colours: np.ndarray


def matched(run: Run, db: sqlite3.Connection | None) -> Run:
    """The run, its loaders with classes and colours of the images that were found again in the scan's table, if there
    is one."""
    twins = list(_twins(run.samples, db)) if db is not None else []
    classes = _classes({path for _, path, _ in run.files}, db) if db is not None else {}
    feeds = [_with(_by_path(feed, run, classes), twins) for feed in run.feeds]
    turn = turned(run.samples)
    feeds = [replace(feed, turned=turn) if feed.part == HELD_OUT else feed for feed in feeds]
    return replace(run, samples=(), files=(), feeds=tuple(feeds))


def _by_path(feed: SeenFeed, run: Run, classes: dict[str, str]) -> SeenFeed:
    """The loader with the classes that the dataset has for its files, in place of the names of their folders."""
    known = [(classes[path], number) for part, path, number in run.files if part == feed.part and path in classes]
    if len(known) < FEWEST:
        return feed
    return _naming(feed, known)


def _naming(feed: SeenFeed, known: list[tuple[str, int]]) -> SeenFeed:
    """The loader with (class, class number) of the images whose class is known."""
    folders = tuple((name, label, count) for (name, label), count in Counter(known).most_common(60))
    return replace(feed, folders=folders, files_known=len(known))


def _classes(paths: set[str], db: sqlite3.Connection) -> dict[str, str]:
    """The class of each file that the scan knows by its path."""
    wanted = {os.path.realpath(path): path for path in paths}
    names = {os.path.basename(path) for path in wanted}
    found: dict[str, set[str]] = {}
    for raw, label in db.execute("SELECT path, label FROM entry WHERE member IS NULL") if names else ():
        path = os.fsdecode(raw)
        if os.path.basename(path) in names and (mine := wanted.get(os.path.realpath(path))) is not None:
            found.setdefault(mine, set()).add(label)
    return {path: labels.pop() for path, labels in found.items() if len(labels) == 1}


def turned(samples: Sequence[Sample]) -> tuple[float, Interval] | None:
    """Whether red and blue are swapped between training and validation, by the patterns of warm and cold areas of their
    classes (diagnose/dataset/surround.py); None where too few classes were seen in both."""
    mine = [one for one in samples if one.warm]
    counts = Counter((one.label, one.part) for one in mine)
    both = [n for n in {one.label for one in mine} if min(counts[n, TRAINING], counts[n, HELD_OUT]) >= OF_CLASS]
    mine = [one for one in mine if one.label in both]
    if len(both) < 2:
        return None
    warm = np.array([np.frombuffer(base64.b64decode(one.warm), np.float32) for one in mine], np.float64)
    labels = np.array([one.label for one in mine], np.int64)
    return swapped(warm, labels, np.array([one.part == HELD_OUT for one in mine]), [np.int64(n) for n in both], SURE)


def _with(feed: SeenFeed, twins: list[Twin]) -> SeenFeed:
    mine = [twin for twin in twins if twin.sample.part == feed.part]
    pairs = [(twin.colours, np.array(twin.sample.colours)) for twin in mine if twin.sample.colours]
    coloured = [pair for pair in pairs if np.ptp(pair[0]) > files.GREY]
    order = feed.channel_order or (files.order(coloured) if len(coloured) >= COLOURED else "")
    if len(mine) < FEWEST:
        return replace(feed, channel_order=order)
    names = {twin.name for twin in mine}
    if feed.files_known >= FEWEST and names & {folder for folder, _, _ in feed.folders}:
        return replace(feed, channel_order=order)
    return _naming(replace(feed, channel_order=order), [(twin.name, twin.sample.label) for twin in mine])


def _twins(samples: Sequence[Sample], db: sqlite3.Connection) -> Iterator[Twin]:
    """Of each sample, the image that it shows, where one class has it clearly."""
    if not samples:
        return
    given = np.frombuffer(b"".join(base64.b64decode(one.luma) for one in samples), np.uint8)
    wanted = given.reshape(len(samples), SIDE, SIDE).astype(np.float32)
    turned = np.concatenate([_unit(one) for one in _mirrored(wanted)])
    best, other = np.full((2, len(samples)), -1.0, np.float32)
    names, colours = [""] * len(samples), np.zeros((len(samples), 3))
    for name, thumbnails, aspects in _parts(db):
        seen = np.concatenate([_unit(one) for one in _views(_mean_of_channels(thumbnails), aspects)])
        nearness = (turned @ seen.T).reshape(4, len(samples), -1).max(axis=0)
        at = nearness.argmax(axis=1)
        for number, near in enumerate(nearness.max(axis=1)):
            if near > best[number]:
                if names[number] != name:
                    other[number] = best[number]
                best[number], names[number] = near, name
                colours[number] = _mean_colour(thumbnails, at[number] % len(aspects))
            elif names[number] != name and near > other[number]:
                other[number] = near
    for number, sample in enumerate(samples):
        if best[number] >= ALIKE and best[number] - other[number] >= AHEAD:
            yield Twin(sample, names[number], colours[number])


def _parts(db: sqlite3.Connection) -> Iterator[tuple[str, Thumbnails, NDArray[np.float64]]]:
    """Thumbnails of one class, with width over height of each image."""
    (count,) = db.execute(f"SELECT count(*) FROM image WHERE {USABLE}").fetchone()
    every = 1 + count // SEARCHED
    for (name,) in db.execute("SELECT DISTINCT label FROM entry").fetchall():
        cursor = db.execute(
            f"SELECT thumbnail, width, height FROM image WHERE {USABLE} AND label = ? AND id % ? = 0", (name, every)
        )
        while rows := cursor.fetchmany(PART):
            whole = [row for row in rows if len(row[0]) == BYTES and row[1] and row[2]]
            if whole:
                aspects = np.array([width / height for _, width, height in whole])
                yield name, unpacked(b"".join(row[0] for row in whole)), aspects


def _mirrored(pictures: Floats) -> tuple[Floats, ...]:
    """As they are, and mirrored along each side and both."""
    return pictures, pictures[:, :, ::-1], pictures[:, ::-1], pictures[:, ::-1, ::-1]


def _views(luma: Floats, aspects: NDArray[np.float64]) -> Iterator[Floats]:
    """The pictures at SIDE x SIDE as they are usually cut: as a whole, and their centre at each zoom."""
    grid = boxes(THUMBNAIL, SIDE)
    whole: Floats = (grid @ luma @ grid.T).astype(np.float32)
    yield whole
    kinds, which = np.unique(aspects.round(1), return_inverse=True)
    for zoom in ZOOMS:
        view = whole.copy()
        for number, aspect in enumerate(kinds):
            mine = which == number
            rows, columns = _centre(zoom * min(1.0, aspect)), _centre(zoom * min(1.0, 1 / aspect))
            view[mine] = rows @ luma[mine] @ columns.T
        yield view


def _centre(share: float) -> Floats:
    """(SIDE, THUMBNAIL) weights that sample the middle of a row linearly. share: of it that is kept, 0..1."""
    places = (np.arange(SIDE) + 0.5) / SIDE * share + (1 - share) / 2
    at = np.clip(places * THUMBNAIL - 0.5, 0, THUMBNAIL - 1)
    weights = np.clip(1 - np.abs(at[:, None] - np.arange(THUMBNAIL)), 0, 1)
    shares: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _unit(pictures: Floats) -> Floats:
    """Rows of mean 0 and length 1, so that a product of two is their correlation."""
    rows = pictures.reshape(len(pictures), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    units: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return units


def _mean_of_channels(thumbnails: Thumbnails) -> Floats:
    """(images, THUMBNAIL, THUMBNAIL): their luma weighs green most, and samples are the plain mean of channels."""
    blue, red = (thumbnails.colour[:, number] / weight for number, weight in enumerate((BLUE, RED)))
    more = (red * (1 - 0.299 / 0.587) + blue * (1 - 0.114 / 0.587)) / 3
    wide = more.repeat(THUMBNAIL // COLOUR_SIDE, axis=1).repeat(THUMBNAIL // COLOUR_SIDE, axis=2)
    means: Floats = thumbnails.luma + wide.astype(np.float32)
    return means


def _mean_colour(thumbnails: Thumbnails, number: int) -> NDArray[np.float64]:
    grey = float(thumbnails.luma[number].mean())
    blue, red = thumbnails.colour[number].mean(axis=(1, 2)) / (BLUE, RED) + grey
    colour: NDArray[np.float64] = np.array([red, (grey - 0.299 * red - 0.114 * blue) / 0.587, blue])
    return colour
