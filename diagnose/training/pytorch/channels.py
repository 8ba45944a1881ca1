"""The channel order of images that cv2 reads: BGR, unless the program converts them."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Items, Ref, Thing, Value, named_source, plain
from diagnose.model import BgrImages, Fact
from diagnose.training.fields import ancestors
from diagnose.training.unfollowed import unfollowed

READERS = ("cv2.imread", "cv2.imdecode")


def channel_order(reader: Reader) -> Iterator[Fact]:
    """Images that cv2 reads as BGR and that nothing converts, as far as they were followed."""
    reads = [e for e in reader.trace.calls(*READERS) if not _as_rgb(e)]
    if not reads:
        return
    pictures = {id(event.result) for event in reads}
    turned = bool(reader.trace.calls("cv2.cvtColor", "cv2.split", "cv2.merge"))
    flipped = any(
        isinstance(one, Thing) and one.name in ("[]", "[:]") and any(map(_reverses, one.args))
        for e in reader.trace
        for arg in (*e.args, e.result)
        for one in ancestors(arg, 30)
    )
    lost = any(
        id(one) in pictures
        for event in reader.trace
        if (call := unfollowed(event)) is not None
        for part in call.received
        for one in ancestors(part, 60)
    )
    flipped = flipped or any(map(_flips_channels, reader.trace.calls(".flip", "torch.flip", "numpy.flip")))
    if not (turned or flipped or lost):
        yield BgrImages(
            reads[0].at, reader=named_source(reads[0].result) or "cv2.imread", mixed=_read_otherwise(reader, reads)
        )


def _read_otherwise(reader: Reader, reads: list[Event]) -> bool:
    """Whether another dataset than those that read with cv2 opens its images with PIL."""
    by_cv2 = {id(function.bound) for event in reads for function in event.functions if function.bound}
    opened = (event for event in reader.trace.calls("PIL.Image.open"))
    by_pil = {id(function.bound) for event in opened for function in event.functions if function.bound}
    folders = [e for e in reader.trace.calls("torchvision.datasets.ImageFolder") if "loader" not in e.kwargs]
    return bool(by_cv2) and (bool(by_pil - by_cv2) or bool(folders))


def _as_rgb(event: Event) -> bool:
    """Whether cv2 was asked for something other than BGR: RGB, or a single channel."""
    flag = event.args[1] if len(event.args) > 1 else event.kwargs.get("flags")
    name = flag.name if isinstance(flag, Ref) else ""
    return "RGB" in name or "GRAYSCALE" in name or plain(flag, 1) == 0


def _flips_channels(event: Event) -> bool:
    """Whether a flip may affect the channels: the first axes of tensors, the last of arrays, or an unknown axis."""
    given = event.args if event.name == ".flip" else event.args[1:]
    given = (*given, *(event.kwargs[name] for name in ("dims", "axis") if name in event.kwargs))
    axes = [axis for one in given for axis in (plain(one) if isinstance(plain(one), list | tuple) else [plain(one)])]
    of_channels = (2, -1, None) if event.name == "numpy.flip" else (0, 1, -3, None)
    return any(axis in of_channels for axis in axes or [None])


def _reverses(key: Value) -> bool:
    """Whether an index reverses an axis or reorders the channels."""
    if isinstance(key, Thing) and key.name == "slice":
        return bool(plain(key.args[2]) == -1)
    if isinstance(key, Const):
        return bool(key.data == -1)  # the step of a plain slice
    if isinstance(key, Items):
        return any(map(_reverses, key.items)) or plain(key) in ([2, 1, 0], (2, 1, 0))
    return False
