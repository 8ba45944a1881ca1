"""A checkpoint for people: what it holds, how it scores as written and under changes, and what the model is like."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from diagnose.model import Character, Checkpoint, Feed, printable

CHANGE_COLUMNS = ("change", "kind", "accuracy", "images")
CLASS_COLUMNS = ("class", "images", "accuracy")
SLICE_COLUMNS = ("images by", "group", "images", "accuracy", "beside the others")
ERROR_COLUMNS = ("image", "label", "answer", "confidence")
MOST_CHANGES, MOST_CLASSES = 12, 20


def print_checkpoint(checkpoint: Checkpoint, console: Console) -> None:
    """Prints all of it."""
    console.print(Text.assemble(("\nCheckpoint ", "bold"), printable(checkpoint.file)), soft_wrap=True)
    for line in checkpoint_lines(checkpoint):
        console.print(Text(line), soft_wrap=True)
    for title, columns, rows in checkpoint_tables(checkpoint):
        console.print(Text(f"\n{title}", "dim"))
        console.print(_table(columns, rows))


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*map(printable, row))
    return table


def checkpoint_lines(checkpoint: Checkpoint) -> Iterator[str]:
    """Sentences, from the file to the model."""
    if checkpoint.fault:
        yield printable(f"Not read: {checkpoint.fault}.")
        return
    tensors = checkpoint.tensors
    named = f"{checkpoint.arch} (named by {checkpoint.named_by})" if checkpoint.arch else "architecture unknown"
    yield printable(f"{named}, {tensors.count} tensors, {tensors.parameters:,} parameters, {tensors.norms} batch norms")
    for line in checkpoint.said:
        yield printable(f"- {line}")
    if tensors.extra:
        yield printable(f"- {len(tensors.extra)} tensors without a place in it, first {tensors.extra[0]}")
    if checkpoint.written is not None:
        yield printable(f"Fed with {feed_words(checkpoint.written)}")
    for line in checkpoint.assumed:
        yield printable(f"- assumed: {line}")
    if checkpoint.stopped:
        yield printable(f"Not evaluated: {checkpoint.stopped}.")
    yield from _scores(checkpoint)
    if checkpoint.unlabelled is not None:
        one = checkpoint.unlabelled
        yield f"Without labels: {one.confidence:.0%} sure on average of {one.images} images; accuracy is unknown."
    if checkpoint.character is not None:
        yield from character_lines(checkpoint.character)


def feed_words(feed: Feed) -> str:
    """The input in words."""
    shape = {
        "crop": f"{feed.size} px cut from the middle of {feed.side or feed.size} px",
        "letterbox": f"{feed.size} px with bars",
    }.get(feed.shape, f"{feed.size}×{feed.size} px")
    numbers = " ".join(f"{one:.3g}" for one in feed.mean), " ".join(f"{one:.3g}" for one in feed.std)
    statistics = f", mean {numbers[0]}, std {numbers[1]}" if feed.mean else ", no mean and std"
    mode = ", in train mode" if feed.mode == "train" else ""
    return f"{feed.order}, {shape}, pixels of {feed.unit}{statistics}{mode}"


def _scores(checkpoint: Checkpoint) -> Iterator[str]:
    if checkpoint.accuracy is None or checkpoint.interval is None:
        return
    whose = "validation images" if checkpoint.split else "images, which may be those of its training"
    low, high = (round(100 * end) for end in (checkpoint.interval.low, checkpoint.interval.high))
    yield (
        f"As written {checkpoint.accuracy:.1%} [{low}, {high}] on {checkpoint.images} {whose} "
        f"(commonest class {checkpoint.majority:.1%})"
    )
    if checkpoint.restored is not None:
        yield printable(f"On the half that did not choose, it {checkpoint.restored.scores}.")
    elif checkpoint.tried:
        yield f"None of {len(checkpoint.tried)} changes restores a better score."


def character_lines(model: Character) -> Iterator[str]:
    """What the model is like, in sentences."""
    low, high = (round(100 * end) for end in (model.interval.low, model.interval.high))
    top = f", top-5 {model.top5:.1%}" if model.top5 is not None else ""
    yield f"The model at its best: {model.accuracy:.1%} [{low}, {high}]{top}"
    if model.train is not None:
        yield f"{model.train:.1%} on {model.train_images} training images"
    if model.without_copies is not None:
        yield f"{model.without_copies:.1%} without {model.copies} images that have a near copy in train"
    yield (
        f"Calibration error {model.calibration:.1%}; {model.calibrated:.1%} with the logits divided by "
        f"{model.temperature:.2g}"
    )
    if model.pairs:
        pairs = "; ".join(f"{one.label} for {one.taken_for} ({one.count} of {one.of})" for one in model.pairs)
        yield printable(f"Most often confused: {pairs}")


def checkpoint_tables(checkpoint: Checkpoint) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """Title, columns and rows of each table that has rows."""
    if checkpoint.tried:
        rows: list[tuple[str, ...]] = [
            (one.words, one.kind, f"{one.accuracy:.1%}", str(one.images)) for one in checkpoint.tried[:MOST_CHANGES]
        ]
        yield "Changes, on the half that chooses", CHANGE_COLUMNS, rows
    if checkpoint.unlabelled is not None:
        unlabelled: list[tuple[str, ...]] = [
            (words, f"{sure:.0%}", f"{same:.0%}") for words, sure, same in checkpoint.unlabelled.rows
        ]
        yield "Changes, without labels", ("change", "confidence", "same answers"), unlabelled
    model = checkpoint.character
    if model is None:
        return
    classes = sorted(model.per_class, key=lambda one: one[2])
    if classes:
        shares: list[tuple[str, ...]] = [(name, str(n), f"{share:.1%}") for name, n, share in classes[:MOST_CLASSES]]
        title = "Accuracy by class" + (", the weakest" if len(classes) > MOST_CLASSES else "")
        yield title, CLASS_COLUMNS, shares
    if model.slices:
        slices: list[tuple[str, ...]] = [
            (one.attribute, one.group, str(one.images), f"{one.accuracy:.1%}",
             f"{100 * one.gap.difference:+.0f} [{100 * one.gap.interval.low:.0f}, {100 * one.gap.interval.high:.0f}]")
            for one in model.slices
        ]  # fmt: skip
        yield "Accuracy by kind of image", SLICE_COLUMNS, slices
    if model.errors:
        errors: list[tuple[str, ...]] = [
            (one.file, one.label, one.answer, f"{one.confidence:.0%}") for one in model.errors
        ]
        yield "Sure and at odds with the label", ERROR_COLUMNS, errors
