"""Labels that are smoothed during mixing, and again by the loss."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Thing, Value, plain
from diagnose.model import LabelsSmoothed, Location
from diagnose.training.fields import ancestors
from diagnose.training.labels import labels_of
from diagnose.training.pytorch.optimizing import loss_call
from diagnose.training.pytorch.sessions import Session

MIXERS = ("timm.data.Mixup", "timm.data.mixup.Mixup", "timm.data.FastCollateMixup")
OF_TIMM = 0.1  # the default smoothing of timm's Mixup


def smoothed_twice(reader: Reader, session: Session) -> Iterator[LabelsSmoothed]:
    """Where the labels of one training are smoothed before a loss that smooths them itself."""
    call = loss_call(session.loss)
    made = call.base if call is not None and isinstance(call.base, Thing) else call
    share = plain(made.kwargs.get("label_smoothing")) if made is not None else None
    targets = call.arg(1, "target", "labels") if call is not None else None
    if made is None or not isinstance(share, float) or share <= 0:
        return
    place = labels_of(targets).smoothed or _mixed(reader, targets) or _by_algorithm(call, made)
    if place is not None:
        yield LabelsSmoothed(place, loss=made.at.line, smoothing=share)


def _by_algorithm(call: Thing | None, made: Thing) -> Location | None:
    """Where an algorithm of a Trainer smooths the labels of a criterion, as Composer's LabelSmoothing does."""
    given = call.kwargs.get("label_smoothing") if call is not None and call is not made else None
    share = plain(given)
    return given.at if given is not None and isinstance(share, float) and share > 0 else None


def _mixed(reader: Reader, targets: Value | None) -> Location | None:
    """Where timm's Mixup, which the targets went through, is set to smooth them."""
    used = {id(one.base) for one in ancestors(targets, 60) if isinstance(one, Thing) and one.name == "()"}
    for event in reader.trace.calls(*MIXERS):
        given = event.kwargs.get("label_smoothing")
        share = plain(given, 0.0) if given is not None else OF_TIMM
        if id(event.result) in used and share:
            return given.at if given is not None else event.at
    return None
