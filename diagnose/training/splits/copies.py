"""Copies of images made before the split, so that training and validation may share an image and its copy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Items, Loop, Thing, Value, plain
from diagnose.model import Fact, Location, SplitsOverlap
from diagnose.training.fields import ancestors
from diagnose.training.order.orders import literal
from diagnose.training.splits.parts import DEEPEST, beneath, uncut
from diagnose.training.splits.redrawn import same_images

OVERSAMPLERS = ("RandomOverSampler", "SMOTE", "ADASYN", "BorderlineSMOTE", "SVMSMOTE", "SMOTEENN", "SMOTETomek",
                "KMeansSMOTE", "SMOTEN", "SMOTENC")  # fmt: skip
RESAMPLES = (".fit_resample", ".fit_sample")
JOINS = ("concatenate", "vstack", "append", "concat", "cat", "ConcatDataset")
CHANGES = ("flip", "fliplr", "flipud", "rotate", "rot90", "warpAffine", "GaussianBlur", "random_transform", "roll",
           "hflip", "vflip", "adjust_brightness", "adjust_contrast", "flip_left_right", "flip_up_down", "noise",
           "random_noise", "transpose", "filter", "enhance", "medianBlur", "blur", "warpPerspective", "shift", "zoom",
           "affine", "gaussian_filter", "random_rotation", "random_shift", "random_zoom", "apply_transform",
           "augment_image", "adjust_gamma", "central_crop", "swirl", "mirror")  # fmt: skip
METHODS_OF_IMAGES = ("rotate", "filter", "transpose", "flip", "roll")  # of PIL images, arrays and tensors
KEEPS = ("fromarray", "convert", "resize", "img_to_array", "clip", "uint8", "float32", "asarray", "array", "astype",
         "cvtColor", "copy")  # fmt: skip
CHANCE = ("numpy.random.", "torch.rand", "random.", "tensorflow.random.", "skimage.util.random_noise")
FOLDS = ("KFold", "StratifiedKFold", "RepeatedKFold", "RepeatedStratifiedKFold", "ShuffleSplit",
         "StratifiedShuffleSplit")  # fmt: skip
DRAWN_BY_FASTAI = ("RandomSplitter", "TrainTestSplitter")
SPLITS = ("train_test_split", "random_split")


def copied_before_split(reader: Reader) -> Iterator[Fact]:
    """Each split of images that include copies, at the line that makes the copies."""
    doubled = _doubled_lists(reader)
    reported: set[Location] = set()
    for event in reader.trace.calls():
        given = _split(event)
        if given is None:
            continue
        for one in beneath(given):
            made = _copies(one, doubled)
            if made is not None and made[0] not in reported:
                reported.add(made[0])
                yield SplitsOverlap(made[0], "copies", made[1], event.at.line)


def _split(event: Event) -> Value | None:
    """The value that an event splits at random or by a fraction; None for another event."""
    folds = event.name == ".split" and isinstance(event.target, Thing) and event.target.short in FOLDS
    if event.short in SPLITS or folds:
        return event.args[0] if event.args else event.kwargs.get("X")
    if event.short == "dataloaders" and isinstance(event.target, Thing) and event.target.short == "DataBlock":
        splitter = event.target.kwargs.get("splitter")
        drawn = splitter is None or (isinstance(splitter, Thing) and splitter.short in DRAWN_BY_FASTAI)
        return event.args[0] if drawn and event.args else None
    if event.name.endswith("ImageDataLoaders.from_df"):
        return event.arg(0, "df") if "valid_col" not in event.kwargs else None
    fraction = event.kwargs.get("validation_split") if event.name == ".fit" else None
    share = literal(fraction) if fraction is not None else 0
    return event.args[0] if event.args and isinstance(share, float) and share > 0 else None


def _copies(value: Value, doubled: dict[int, Event]) -> tuple[Location, str] | None:
    """Where and how copies of images are added to a value; None where there are none."""
    if id(value) in doubled:
        event = doubled[id(value)]
        return event.at, "append"
    if not isinstance(value, Thing):
        return None
    owner = value.base
    if value.name in RESAMPLES and isinstance(owner, Thing) and owner.short in OVERSAMPLERS:
        return value.at, owner.short
    if value.short in JOINS and not value.name.startswith(".") and _by_rows(value):
        first = value.args[0] if value.args else None
        parts = first.items if isinstance(first, Items) else value.args[:2]
        if any(_is_copy(one, other) for one, other in permutations(parts, 2)) or any(map(_drawn_again, parts)):
            return value.at, value.short
    return (value.at, value.short) if value.name == "numpy.repeat" and _along_images(value) else None


def _drawn_again(rows: Value) -> bool:
    """Whether rows are drawn with replacement, so that some appear more than once."""
    if not isinstance(rows, Thing):
        return False
    replace = plain(rows.kwargs.get("replace"), None if "replace" in rows.kwargs else rows.short == "resample")
    return replace is True and (rows.name == ".sample" or rows.name == "sklearn.utils.resample")


def _along_images(repeat: Thing) -> bool:
    axis = repeat.arg(2, "axis")
    return axis is not None and literal(axis) == 0


def _by_rows(join: Thing) -> bool:
    """Whether arrays are joined along their first axis, the images."""
    axis = join.kwargs.get("axis") or join.kwargs.get("dim")
    return axis is None or literal(axis) == 0


def _is_copy(one: Value, other: Value) -> bool:
    """Whether one image or set of images is a changed copy of the other, or both are copies of a third."""
    if one is other or (isinstance(one, Thing) and same_images(one, other)):
        return True
    (first, changed), (second, also) = _stages(one), _stages(other)
    return (changed or also) and any(stage is before for stage in first for before in second)


def _stages(value: Value | None) -> tuple[list[Value], bool]:
    """The earlier states of an image before conversions and changes, and whether it was changed."""
    found: list[Value] = []
    changed = False
    while value is not None and len(found) < DEEPEST:
        found.append(value)
        before = subject = _subject(value)
        if isinstance(value, Thing) and value.short.lstrip(".") in KEEPS:
            before = value.base if value.name.startswith(".") else next(iter(value.args), None)
        elif subject is None:
            before = uncut(value)
        changed = changed or subject is not None
        value = before
    return found, changed


def _subject(value: Value) -> Value | None:
    """The image that a change, or added noise, is applied to; None for anything else."""
    if not isinstance(value, Thing):
        return None
    if value.short.lstrip(".") in CHANGES:
        of_image = value.name.startswith(".") and value.short.lstrip(".") in METHODS_OF_IMAGES
        return value.base if of_image else next(iter(value.args), value.kwargs.get("image", value.base))
    if value.name in ("op+", "op*") and len(value.args) == 2:
        by_chance = [_by_chance(part) for part in value.args]
        if by_chance.count(True) == 1:
            return value.args[by_chance.index(False)]
    return None


def _by_chance(value: Value) -> bool:
    return any(isinstance(one, Thing) and one.name.startswith(CHANCE) for one in ancestors(value, 20))


def _doubled_lists(reader: Reader) -> dict[int, Event]:
    """By list id, the event that appends a changed copy of an image in the same loop iteration as the image."""
    appended: dict[int, list[Event]] = defaultdict(list)
    for event in reader.trace:
        if event.kind == "append" and event.loops and event.target is not None and event.args:
            appended[id(event.target)].append(event)
    found = {}
    for target, events in appended.items():
        for one, other in permutations(events[:8], 2):
            apart = any(mine.excludes(its) for mine in one.guards for its in other.guards)
            if not apart and (_passage(one) in other.loops or _passage(other) in one.loops):
                first, second = _image(one), _image(other)
                if first is not second and _is_copy(first, second):
                    found[target] = one
    return found


def _passage(event: Event) -> Loop | None:
    """The innermost loop that was not unrolled, in which two changes may be of one image."""
    return next((loop for loop in reversed(event.loops) if not loop.unrolled), None)


def _image(event: Event) -> Value:
    value = event.args[-1]
    return value.items[0] if isinstance(value, Items) and value.items else value
