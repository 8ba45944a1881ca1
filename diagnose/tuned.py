"""From a better recipe to a patch of the configuration or program that it was searched around.

Each change is written as a whole or not at all, and the changed files are read again: the recipe that they mean has
the measured value and differs in nothing else, or the change is left to the person, with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isclose
from pathlib import Path
from typing import Any

from diagnose.asking import full_run
from diagnose.catalogue import augmentations, losses, optimizers, schedules
from diagnose.config.read import path_of, read_configuration
from diagnose.fixes.arguments import with_argument, with_dropout
from diagnose.fixes.draft import CannotEdit, Draft, script_of
from diagnose.fixes.edit import edits
from diagnose.fixes.options import with_option
from diagnose.model import Config, Dataset, Diagnosis, InputError, TunedChange
from diagnose.probing.recipe import Recipe, configured_recipe

# What an argument is called in programs, and where its field is read from.
ARGUMENTS = {
    "learning_rate": ("lr", "learning_rate"),
    "weight_decay": ("weight_decay",),
    "schedule_options.peak_rate": ("max_lr",),
    "loss_options.label_smoothing": ("label_smoothing", "smoothing"),
    "head_options.dropout": (),
}
AT = {"loss_options": "loss", "schedule_options": "schedule", "head_options": "head", "weight_decay": "optimizer",
      "learning_rate": "optimizer", "augmentation_options": "train_augmentations"}  # fmt: skip
CALLS = {
    "optimizer": frozenset(name for one in optimizers.OPTIMIZERS for name in one.names),
    "loss": frozenset(name for one in losses.LOSSES for name in one.names),
    "schedule": frozenset(schedules.FORMS),
}
# The recipe's fields that a field of the configuration decides.
DECIDES = {
    "train_augmentations": ("augmentations",),
    "augmentation_options": ("augmentations", "augmentation_options"),
    "schedule": ("schedule", "schedule_options"),
    "schedule_options": ("schedule_options", "learning_rate"),
}
NEAR_ENOUGH = 0.1  # share by which a length may differ from the measured one, for it is whole epochs


def propose(draft: Draft, diagnosis: Diagnosis) -> Iterator[str]:
    """Writes the changes of the tuning into the draft, as far as that can be done; gives a line for each that is left,
    with why and its place."""
    tuning, data = diagnosis.tuning, diagnosis.evidence.dataset
    if tuning is None:
        return
    left = []
    for change in tuning.changes:
        kept = draft.texts
        try:
            _write(draft, change, data)
        except (CannotEdit, InputError) as fault:
            draft.restore(kept)
            left.append(
                f"{change.factor} {change.before} → {change.after} is left to you{_place(draft, change)}: {fault}"
            )
    yield from left
    if left and draft.edits:
        yield "The gain was measured with all of the changes together, those that are left to you among them."


def _place(draft: Draft, change: TunedChange) -> str:
    """Where the field stands, as " at file:line"; "" where that is not known."""
    config = read_configuration(draft.given).config
    for name in (change.fields[0][0].partition(".")[0], AT.get(change.fields[0][0].partition(".")[0], "")):
        location = getattr(config, name).location if name else None
        if location is not None and location.line:
            return f" at {draft.original(Path(location.file))}:{location.line}"
    return ""


def _write(draft: Draft, change: TunedChange, data: Dataset | None) -> None:
    """Raises CannotEdit or InputError; the draft may then be half changed."""
    config, before = _read(draft, data)
    wanted: dict[str, Any] = {}
    for name, value in change.fields:
        if name == "learning_rate" and "peak_rate" in dict(config.schedule_options.value or ()):
            name = "schedule_options.peak_rate"
        if name == "schedule_options.period" and isinstance(value, float):
            if not config.epochs.value:
                continue  # the usual length is what the probes took, too
            value = max(1, round(value * config.epochs.value))
        wanted[name] = value
    for name, value in wanted.items():
        _write_one(draft, name, value, lambda: _read(draft, data)[1], before)
    _check(before, _read(draft, data)[1], dict(change.fields))


def _write_one(draft: Draft, name: str, value: Any, read: Callable[[], Recipe], before: Recipe) -> None:
    field, _, option = name.partition(".")
    path = path_of(draft.given)
    if not option:
        try:
            for edit in edits(draft.given, {name: value}):
                draft.put(edit.path, edit.after)
            return
        except CannotEdit as fault:
            try:
                _write_argument(draft, name, value, read, before)
            except CannotEdit:
                raise fault from None  # which says more
            return
    elif path.suffix.lower() not in (".py", ".ipynb"):
        draft.put(path, with_option(path, draft.text(path), field, option, value))
        return
    _write_argument(draft, name, value, read, before)


def _write_argument(draft: Draft, name: str, value: Any, read: Callable[[], Recipe], before: Recipe) -> None:
    """An argument of a call in a program: the first text by which the recipe changes."""
    config = read_configuration(draft.given).config
    field = name.partition(".")[0]
    at = AT.get(field, field)
    location = getattr(config, at).location
    if name not in ARGUMENTS or location is None or location.line is None or not location.file.endswith(".py"):
        raise CannotEdit("no safe change of the program was found")
    path = Path(location.file)
    script = script_of(draft.text(path))
    if at == "head":
        texts = with_dropout(script, location.line, repr(value))
    else:
        texts = with_argument(script, location.line, CALLS[at], ARGUMENTS[name], repr(value))
    kept = draft.texts
    for text in texts:
        draft.put(path, text)
        try:
            if read() != before:
                return
        except InputError:
            pass
        draft.restore(kept)
    raise CannotEdit("no safe change of the program was found")


def _read(draft: Draft, data: Dataset | None) -> tuple[Config, Recipe]:
    config = read_configuration(draft.given).config
    run = full_run(config, data) if data else None
    return config, configured_recipe(config, run.steps_per_epoch if run else None)[0]


def _check(before: Recipe, after: Recipe, wanted: Mapping[str, Any]) -> None:
    """Raises CannotEdit unless the recipe has the measured values and is otherwise the same."""
    touched: set[str] = set()
    for name, value in wanted.items():
        field, _, option = name.partition(".")
        touched.update(DECIDES.get(field, (field,)))
        if option:
            found: Any = dict(getattr(after, field)).get(option, 0.0)
        elif name == "train_augmentations":
            found = tuple(one for one in after.augmentations if one in value or not augmentations.mixes(one))
        else:
            found = getattr(after, name)
        if not _means(found, value, NEAR_ENOUGH if name == "schedule_options.period" else 1e-9):
            raise CannotEdit(f"the changed file would not be read as {name.replace('_', ' ')} {value}")
    if "schedule" in wanted:
        stated = {name for name, _ in after.schedule_options} - {"warmup"}
        if extra := stated - {name.partition(".")[2] for name in wanted}:
            raise CannotEdit(f"the old schedule's {', '.join(sorted(extra))} would stay")
    for name in Recipe.__dataclass_fields__:
        if name in touched or name in ("unsupported", "unlike"):
            continue
        if getattr(before, name) != getattr(after, name):
            raise CannotEdit(f"{name.replace('_', ' ')} would change as well")


def _means(found: Any, wanted: Any, tolerance: float) -> bool:
    if isinstance(wanted, float) and isinstance(found, int | float):
        return isclose(found, wanted, rel_tol=tolerance)
    return bool(found == wanted)
