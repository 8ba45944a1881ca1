"""Facts about a Keras program for the checks, and the calls that were not followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Function, Instance, Thing, Value, plain
from diagnose.model import (
    HIDDEN,
    BgrImages,
    Deprecated,
    Fact,
    HeadFrozen,
    KerasLoss,
    LabelsScaled,
    LabelsSmoothed,
    Location,
    MovingMomentum,
    NotValidated,
    RandomValidation,
    Regularisers,
    Unfollowed,
    UnscaledFloats,
)
from diagnose.training.class_numbers import classes_by_name
from diagnose.training.folders import class_folders
from diagnose.training.keras.compiling import (
    OF_THE_RATE,
    OF_VALIDATION,
    argument,
    callbacks,
    loss_of,
    unread_callback,
)
from diagnose.training.keras.layers import frozen_head, parts, unread_layer
from diagnose.training.keras.loading import unchecked, unmatched
from diagnose.training.keras.loops import measuring
from diagnose.training.keras.minimised import loss_in
from diagnose.training.keras.missing_activation import missing_activations
from diagnose.training.keras.modes import old_frozen_norms, wrong_modes
from diagnose.training.keras.own_optimizer import find_optimizer_faults
from diagnose.training.keras.phase import Phase
from diagnose.training.keras.stem import find_coarse_stem
from diagnose.training.keras.trainable import set_after_compile
from diagnose.training.pytorch.facts import options, replaced
from diagnose.training.splits.ordering import ordered_splits
from diagnose.training.unfollowed import UnfollowedCall, unfollowed_calls

REMOVED = {
    ".fit_generator": "fit",
    ".evaluate_generator": "evaluate",
    ".predict_generator": "predict",
    ".predict_classes": "predict",
}
MEASURES = (".evaluate", ".evaluate_generator", ".predict", ".predict_generator", ".predict_on_batch", ".test_on_batch",
            ".predict_classes")  # fmt: skip
PENALTIES = ("kernel_regularizer", "bias_regularizer", "activity_regularizer", "W_regularizer", "recurrent_regularizer")
DROPOUTS = ("Dropout", "SpatialDropout", "GaussianDropout", "AlphaDropout", "GaussianNoise")
# Libraries besides Keras that set no seed by default.
COMPANIONS = frozenset((
    "keras_cv", "keras_hub", "keras_tuner", "tensorflow_hub", "tensorflow_addons", "tensorflow_datasets",
    "efficientnet", "classification_models", "vit_keras", "keras_applications", "tensorflow_io", "tensorboard",
    "tensorflow_probability", "keras_preprocessing", "tensorflow_models", "livelossplot",
))  # fmt: skip


def observe(reader: Reader, phases: list[Phase]) -> Iterator[Fact]:
    """All facts about the program and each of its trainings, without duplicates."""
    yield from options(reader)
    yield from class_folders(reader)
    yield from replaced(reader)
    yield from _deprecated(reader)
    yield from ordered_splits(reader, [phase.fit for phase in phases])
    yield from set_after_compile(reader, phases)
    yield from wrong_modes(reader, phases)
    yield from old_frozen_norms(reader, phases)
    yield from find_optimizer_faults(reader, phases)
    yield from unmatched(reader)
    yield from unchecked(reader, phases)
    seen: set[tuple[type[Fact], Location]] = set()
    for phase in phases:
        for one in _of_phase(reader, phase, phases):
            if (type(one), one.location) not in seen:
                seen.add((type(one), one.location))
                yield one


def _deprecated(reader: Reader) -> Iterator[Fact]:
    for one in reader.trace:
        if one.kind == "call" and one.name in REMOVED:
            yield Deprecated(one.at, what=one.name.lstrip("."), instead=REMOVED[one.name], removed=True)
        if one.kind == "call" and one.name.startswith("keras.optimizers.") and "lr" in one.kwargs:
            at = one.kwargs["lr"].at if one.kwargs["lr"].at.line == one.at.line else one.at
            yield Deprecated(at, what="lr=", instead="learning_rate=", removed=True)


def _of_phase(reader: Reader, phase: Phase, phases: list[Phase]) -> Iterator[Fact]:
    place = frozen_head(reader, phase.network, phase.fit.index)
    if place is not None:
        yield HeadFrozen(place, everything=False)
    train, val = phase.train, phase.val
    if val is not None and val.random and "random" not in val.doubts:
        shared = val.generator is not None and val.generator is train.generator
        names = tuple(name for name, _ in val.random)
        yield RandomValidation(val.random[0][1], names=names, shared=shared)
    if kept := train.kept or (val.kept if val is not None else None):
        yield UnscaledFloats(kept, by="convert_image_dtype")
    if phase.compiled:
        yield _loss(phase)
        yield from _labels(phase)
    known = {name: _known(phase, name) for name in ("weights", "weight_decay", "train_augmentations")}
    yield Regularisers(phase.fit.at, names=_regularisers(reader, phase), **known)
    if train.bgr is not None and "values" not in train.doubts:
        yield BgrImages(train.bgr, reader="cv2.imread")
    yield from classes_by_name(reader)
    yield from missing_activations(phase.network)
    yield from _momentum(phase)
    yield from find_coarse_stem(phase)
    if not validates(reader, phase, phases):
        yield NotValidated(phase.fit.at)


def _momentum(phase: Phase) -> Iterator[MovingMomentum]:
    """The largest batch norm momentum in a network without pretrained parts; nothing where one is unknown."""
    norms = [one for one in parts(phase.network) if isinstance(one, Thing) and one.short == "BatchNormalization"]
    given = [plain(one.kwargs.get("momentum"), 0.99 if "momentum" not in one.kwargs else None) for one in norms]
    known = [float(one) for one in given if isinstance(one, int | float)]
    if norms and len(known) == len(norms) and not phase.network.bodies:
        place = max(zip(known, norms, strict=True), key=lambda pair: pair[0])[1]
        yield MovingMomentum(place.at, momentum=max(known))


def _known(phase: Phase, name: str) -> Any:
    setting = phase.fields.settings.get(name)
    return setting.value if setting is not None and setting.known else None


def _loss(phase: Phase) -> Fact:
    """The inputs of one training's loss: outputs, and the form of the labels."""
    loss = loss_of(phase.compiled[0])
    given = loss.kwargs.get("from_logits") if isinstance(loss, Thing) else None
    logits = plain(given, None if given is not None else False)
    place = loss.at if loss is not None else phase.compiled[0].at
    labels = phase.train.labels[0] if phase.train.labels and "labels" not in phase.train.doubts else None
    known = {name: _known(phase, name) for name in ("loss", "output_activation", "head")}
    return KerasLoss(place, logits, labels, **known)


def _labels(phase: Phase) -> Iterator[Fact]:
    """Changes to the labels of one training that a classification loss does not expect."""
    loss = loss_of(phase.compiled[0])
    if phase.train.labels_scaled is not None:
        yield LabelsScaled(phase.train.labels_scaled, loss=_known(phase, "loss"))
    smoothing = plain(loss.kwargs.get("label_smoothing")) if isinstance(loss, Thing) else None
    if phase.train.labels_smoothed is not None and isinstance(smoothing, float) and smoothing > 0 and loss is not None:
        yield LabelsSmoothed(phase.train.labels_smoothed, loss=loss.at.line, smoothing=smoothing)


def _regularisers(reader: Reader, phase: Phase) -> tuple[str, ...]:
    """The regularisation in one training."""
    names = []
    for layer in [one for one in parts(phase.network) if isinstance(one, Thing)]:
        if layer.short.startswith(DROPOUTS) or layer.short == "dropout":
            names.append("dropout")
        if any(name in layer.kwargs and plain(layer.kwargs[name], ...) is not None for name in PENALTIES):
            names.append("weight penalty")
    for body in phase.network.bodies:
        if body.short.startswith(("EfficientNet", "ConvNeXt")):
            names.append("stochastic depth")
    if reader.trace.sets(*PENALTIES, before=phase.fit.index):
        names.append("weight penalty")
    for compiled in phase.compiled:
        loss = loss_of(compiled)
        smoothing = loss.kwargs.get("label_smoothing") if isinstance(loss, Thing) else None
        if smoothing is not None and plain(smoothing, 1) not in (0, 0.0):
            names.append("label smoothing")
    if any(isinstance(one, Thing) and one.short == "EarlyStopping" for one in callbacks(phase.fit)):
        names.append("early_stopping")
    return tuple(dict.fromkeys(names))


# ---------------------------------------------------------------------- validation and seed


def validates(reader: Reader, phase: Phase, phases: list[Phase]) -> bool:
    """Whether the network of a training is evaluated on other images, in this or another of its trainings."""
    model = phase.network.model
    for one in phases:
        if one.network.model is model and _fit_validates(one.fit):
            return True
        if one.network.model is model and one.own is not None and measuring(reader, one.own) is not None:
            return True
    return any(_may_be(e.target, model) for e in reader.trace.calls(*MEASURES))


def _may_be(target: Value | None, model: Value) -> bool:
    """Whether a call may be one of the network."""
    if target is model or target is None:
        return True
    if isinstance(target, Thing):  # model.predict of a loaded copy, or of an unknown object
        return not target.name or target.short in ("load_model", "clone_model") or target.package not in ("keras",)
    return False


def _fit_validates(event: Event) -> bool:
    given = argument(event, 7, "validation_data")
    split = argument(event, 6, "validation_split")
    if given is not None and plain(given, ...) is not None:
        return True
    return split is not None and plain(split, 1) not in (0, 0.0, None)


def seeds(reader: Reader, names: tuple[str, ...]) -> bool:
    """Whether a seed is set: by a library's function, or by one named for it."""
    return any(
        e.kind in ("call", "unfollowed") and (e.name in names or "seed" in e.short.lower()) for e in reader.trace
    )


# ---------------------------------------------------------------------- what was not followed


def unfollowed(reader: Reader, phases: list[Phase]) -> Iterator[Unfollowed]:
    """The calls, callbacks and layers that were not followed, with what each may hide."""
    models = [phase.network.model for phase in phases]
    nets = [*models, *(body for phase in phases for body in phase.network.bodies)]
    last = max(phase.fit.index for phase in phases)
    for call in unfollowed_calls(reader):
        if call.loads:
            continue
        hides = set()
        if call.reaches(nets) and call.event.target not in models:
            hides |= {"validation"} | ({"regularisation"} if call.event.index < last else set())
        if call.event.index < last and not _is_companion(call) and call.event.target not in models:
            hides.add("seed")
        if hides:
            yield Unfollowed(call.what, call.at, frozenset(hides))
    for phase in phases:
        yield from _in_phase(reader, phase)


def _is_plain(loss: Value) -> bool:
    """Whether the minimised value is a known loss, or its mean, with nothing added."""
    while isinstance(loss, Thing):
        found = loss_in(loss)
        if found is not None and loss is found.call:
            return True
        if not loss.short.startswith(("reduce_", "mean", "sum", "compute_average_loss")):
            return False
        inner = loss.base if loss.name.startswith(".") else loss.arg(0, "input_tensor")
        if inner is None:
            return False
        loss = inner
    return False


def _is_companion(call: UnfollowedCall) -> bool:
    name = call.event.name
    target = call.event.target
    package = name.partition(".")[0] if name[:1].isalpha() else target.package if isinstance(target, Thing) else ""
    return package in COMPANIONS


def _in_phase(reader: Reader, phase: Phase) -> Iterator[Unfollowed]:
    event, model = phase.fit, phase.network.model
    if event.name == ".compile":
        yield Unfollowed("the fit() of the model compiled", event.at, frozenset(HIDDEN))
    if reader.is_open(event.at):
        yield Unfollowed("what fit() is given", event.at, frozenset({"validation", "schedule", "regularisation"}))
    given = argument(event, 5, "callbacks")
    for callback in callbacks(event):
        for looks_at, topic in ((OF_VALIDATION, "validation"), (OF_THE_RATE, "schedule")):
            if (name := unread_callback(callback, looks_at)) is not None:
                yield Unfollowed(name, callback.at, frozenset({topic, "regularisation"}))
    if given is not None and getattr(given, "partial", False):
        yield Unfollowed("a part of the callbacks", given.at, frozenset({"validation", "schedule", "regularisation"}))
    unread = unread_layer(phase.network)
    if unread is not None:
        yield Unfollowed(unread, model.at, frozenset({"regularisation"}))
    if phase.own is not None and phase.own.loss is not None and not _is_plain(phase.own.loss):
        yield Unfollowed("what the loop adds to its loss", event.at, frozenset({"regularisation"}))
    names = ("train_step", "compute_loss", "fit") if phase.step is None or not phase.step.certain else ("fit",)
    if isinstance(model, Instance) and any(model.cls.find(name) for name in names):
        yield Unfollowed(f"{model.cls.name}.train_step()", model.cls.at, frozenset({"regularisation", "schedule"}))
    for compiled in phase.compiled:
        loss = loss_of(compiled)
        if isinstance(loss, Function | Instance):
            yield Unfollowed("the loss of the program's own", loss.at, frozenset({"regularisation"}))
