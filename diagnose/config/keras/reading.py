"""Puts together what a Keras program says: fields of the configuration, and what stood out."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.catalogue import losses, optimizers, schedules
from diagnose.config.facts import Facts, ancestors, snake
from diagnose.config.keras import data, steps
from diagnose.config.keras.details import describe_details
from diagnose.config.keras.layers import Network, describe, find_network, frozen_head, input_size, is_application, word
from diagnose.config.pytorch.observations import options, replaced
from diagnose.model import Location, Observation, Program
from diagnose.program.reader import Reader
from diagnose.program.values import Event, Instance, Items, Thing, Value, plain, reason

FITS = (".fit", ".fit_generator")
SEEDS = ("tensorflow.random.set_seed", "tensorflow.set_random_seed", "keras.utils.set_random_seed", "numpy.random.seed",
         "random.seed", "tensorflow.compat.v1.set_random_seed", "tensorflow.random.set_random_seed")  # fmt: skip
REMOVED = {
    ".fit_generator": "fit",
    ".evaluate_generator": "evaluate",
    ".predict_generator": "predict",
    ".predict_classes": "predict",
}
PHASE_FIELDS = ("learning_rate", "epochs", "optimizer", "frozen", "weights", "model", "head", "batch_size")


def read_keras(reader: Reader, facts: Facts) -> Program | None:
    """The program as it trains; None where no model is fitted in it."""
    fits = [e for e in reader.events if e.kind == "call" and e.name in FITS and _is_model(reader, e.target)]
    if not fits:
        return None
    first = fits[0]
    network = _describe_fit(reader, first, facts)
    train = _train_way(reader, first, network)
    if train.source is not None and steps.is_array(train.source):
        input_size(network, facts)
    steps.settle(train, facts)
    input_size(network, facts)
    steps.describe_batches(train, _fit_argument(first, 2, "batch_size"), first.at, facts)
    given = first.kwargs.get("shuffle")
    if train.shuffle is None and train.shuffle_given is None:
        facts.take("shuffle", given, bool, default=True, at=first.at)
    val = _val_way(reader, first, network)
    if val is not None:
        steps.settle(val, facts, val=True)
    for event in reader.events:
        if event.kind == "call" and event.name in SEEDS and event.args:
            facts.take("seed", event.args[0], int)
            break
    for later in fits[1:]:
        _later(reader, later, facts)
    body = network.body
    return Program(
        framework="keras",
        managed_by="Keras",
        train_steps=tuple(train.steps) if not train.unsure else None,
        val_steps=tuple(val.steps) if val is not None and not val.unsure else None,
        validates=_validates(reader, first),
        seeded=any(e.kind == "call" and e.name in SEEDS for e in reader.events),
        batch_norm_or_dropout=True,
        own_model=body is None,
        observations=tuple(_observe(reader, first, network, train, val)),
        weights_want=steps.wanted(body) if body is not None else None,
        fed=train.fed or None,
        training=first.at,
    )


def _is_model(reader: Reader, value: Value | None) -> bool:
    if isinstance(value, Instance):
        return any(name in ("Model", "Sequential") for name in value.cls.foreign())
    if not isinstance(value, Thing):
        return False
    if value.short in ("Model", "Sequential", "Functional", "load_model", "clone_model") and value.name[:1].isalpha():
        return True
    compiled = any(e.name == ".compile" and e.target is value for e in reader.events)
    return is_application(value) or compiled


def _fit_argument(event: Event, place: int, name: str) -> Value | None:
    if name in event.kwargs:
        return event.kwargs[name]
    if event.name == ".fit_generator":
        place = {"batch_size": -1, "epochs": 2, "validation_data": 5, "callbacks": 4}.get(name, place)
    return event.args[place] if 0 <= place < len(event.args) else None


def _describe_fit(reader: Reader, event: Event, facts: Facts) -> Network:
    assert event.target is not None
    network = find_network(reader, event.target)
    describe(reader, network, event.index, facts)
    facts.take("epochs", _fit_argument(event, 3, "epochs") or event.kwargs.get("nb_epoch"), int, default=1, at=event.at)
    compiled = _compiled(reader, event)
    if compiled is not None:
        _compile(compiled, facts)
    else:
        for name in ("optimizer", "learning_rate", "loss"):
            facts.unknown(name, "no compile() of the model was found")
    _schedule(event, facts)
    describe_details(event, compiled, network, facts)
    return network


def _compiled(reader: Reader, fit: Event) -> Event | None:
    """The last compile() of the model before it is fitted."""
    before = reversed(reader.events[: fit.index])
    return next((e for e in before if e.name == ".compile" and e.target is fit.target), None)


def _loss(compiled: Event) -> Value | None:
    return compiled.kwargs.get("loss") or (compiled.args[1] if len(compiled.args) > 1 else None)


def _compile(event: Event, facts: Facts) -> None:
    given = event.kwargs.get("optimizer") or (event.args[0] if event.args else None)
    _optimizer(given, event.at, facts)
    loss = _loss(event)
    told = loss_name(loss)
    if told is not None and loss is not None:
        facts.know("loss", told, loss.at)
    else:
        facts.unknown("loss", reason(loss))


def loss_name(value: Value | None) -> str | None:
    if isinstance(value, Thing) and value.name.startswith("keras.losses."):
        return snake(value.short)
    if isinstance(value, Items) and value.items:
        return loss_name(value.items[0])
    told = word(value)
    return losses.KERAS_WORDS.get(told, snake(told)) if told else None


def _optimizer(value: Value | None, at: Location, facts: Facts) -> None:
    told = plain(value)
    if value is None or isinstance(told, str):
        entry = optimizers.find(told if isinstance(told, str) else "rmsprop")  # compile's own default
        place = value.at if value is not None else at
        facts.know("optimizer", entry.name if entry else str(told).lower(), place)
        usual = entry.of("keras") if entry else optimizers.Defaults()
        for name, default in (
            ("learning_rate", usual.rate),
            ("weight_decay", usual.decay if value is not None else None),
            ("momentum", usual.momentum if entry and entry.name == "sgd" else None),
        ):
            if default is not None:
                facts.know(name, default, place)
        return
    if isinstance(value, Thing) and value.short == "LossScaleOptimizer" and value.args:
        _optimizer(value.args[0], at, facts)
        return
    if not isinstance(value, Thing) or not value.short[:1].isupper():
        for name in ("optimizer", "learning_rate"):
            facts.unknown(name, reason(value))
        return
    name = optimizers.canonical(value.short)
    entry = optimizers.find(name)
    usual = entry.of("keras") if entry else optimizers.Defaults()
    facts.know("optimizer", name, value.at)
    rate = value.arg(0, "learning_rate", "lr")
    if isinstance(rate, Thing) and rate.short in schedules.FORMS:
        facts.know("schedule", schedules.FORMS[rate.short][0].name, rate.at)
        start = rate.arg(0, "initial_learning_rate")
        if rate.short == "PiecewiseConstantDecay":
            values = rate.arg(1, "values")
            start = values.items[0] if isinstance(values, Items) and values.items else None
        facts.take("learning_rate", start, float)
    else:
        facts.take("learning_rate", rate, float, default=usual.rate, at=value.at)
    if name == "sgd":
        facts.take("momentum", value.arg(1, "momentum"), float, default=usual.momentum, at=value.at)
    decay = value.kwargs.get("weight_decay") or (value.arg(1) if name == "adamw" else None)
    facts.take("weight_decay", decay, float, default=usual.decay, at=value.at)
    old_decay = value.kwargs.get("decay")
    if old_decay is not None and plain(old_decay, 1) not in (0, 0.0):
        facts.know("schedule", "inverse_time", old_decay.at)


def _callbacks(event: Event) -> list[Value]:
    given = _fit_argument(event, 5, "callbacks")
    return list(given.items) if isinstance(given, Items) else []


def _schedule(event: Event, facts: Facts) -> None:
    for callback in _callbacks(event):
        if isinstance(callback, Thing) and callback.short in schedules.FORMS:
            facts.know("schedule", schedules.FORMS[callback.short][0].name, callback.at)
    given = _fit_argument(event, 5, "callbacks")
    if given is None or (isinstance(given, Items) and not given.partial) or plain(given, ...) is None:
        facts.know("schedule", "constant", event.at)


# ---------------------------------------------------------------------- data


def _train_way(reader: Reader, event: Event, network: Network) -> steps.Way:
    way = data.way_of(reader, _fit_argument(event, 0, "x") or event.kwargs.get("generator"), event.at)
    data.through_network(reader, network, way)
    return way


def _val_way(reader: Reader, event: Event, network: Network) -> steps.Way | None:
    given = _fit_argument(event, 7, "validation_data")
    if given is None or plain(given, ...) is None:
        return None
    way = data.way_of(reader, given, event.at)
    inside = steps.Way(way.at)
    data.through_network(reader, network, inside)
    # Random layers of the model do nothing when it predicts; its scaling does.
    way.scaling += inside.scaling
    way.steps += [step for step in inside.steps if step.kind != "random"]
    way.mean, way.std = inside.mean or way.mean, inside.std or way.std
    way.preprocessing = inside.preprocessing or way.preprocessing
    way.unsure = way.unsure or inside.unsure
    return way


def _validates(reader: Reader, event: Event) -> bool:
    given = _fit_argument(event, 7, "validation_data")
    split = _fit_argument(event, 6, "validation_split")
    if given is not None and plain(given, ...) is not None:
        return True
    if split is not None and plain(split, 1) not in (0, 0.0, None):
        return True
    return any(e.kind == "call" and e.name in (".evaluate", ".evaluate_generator", ".predict") for e in reader.events)


def _later(reader: Reader, event: Event, facts: Facts) -> None:
    own = Facts(facts.file)
    _describe_fit(reader, event, own)
    facts.disagree(own, PHASE_FIELDS, "fits")


# ---------------------------------------------------------------------- what stands out


def _observe(
    reader: Reader, event: Event, network: Network, train: steps.Way, val: steps.Way | None
) -> Iterator[Observation]:
    yield from options(reader)
    yield from replaced(reader)
    for one in reader.events:
        if one.kind == "call" and one.name in REMOVED:
            yield Observation(
                "deprecated", one.at, {"what": one.name.lstrip("."), "instead": REMOVED[one.name], "removed": True}
            )
        if one.kind == "call" and one.name.startswith("keras.optimizers.") and "lr" in one.kwargs:
            at = one.kwargs["lr"].at if one.kwargs["lr"].at.line == one.at.line else one.at
            yield Observation("deprecated", at, {"what": "lr=", "instead": "learning_rate=", "removed": True})
    place = frozen_head(reader, network, event.index)
    if place is not None:
        yield Observation("head_frozen", place, {"everything": False})
    if val is not None and val.random and not val.unsure:
        shared = val.generator is not None and val.generator is train.generator
        yield Observation(
            "random_validation", val.random[0][1], {"names": tuple(n for n, _ in val.random), "shared": shared}
        )
    compiled = _compiled(reader, event)
    if compiled is not None:
        loss = _loss(compiled)
        logits = plain(loss.kwargs.get("from_logits"), False) if isinstance(loss, Thing) else False
        place = loss.at if loss is not None else compiled.at
        labels = train.labels[0] if train.labels else _array_labels(event)
        yield Observation("keras_loss", place, {"from_logits": bool(logits), "labels": labels})
    names = []
    for layer in network.layers:
        if isinstance(layer, Thing) and (
            layer.short.startswith(("Dropout", "SpatialDropout", "GaussianDropout"))
            or "kernel_regularizer" in layer.kwargs
        ):
            names.append("dropout" if "Dropout" in layer.short else "weight penalty")
    if any(isinstance(c, Thing) and c.short == "EarlyStopping" for c in _callbacks(event)):
        names.append("early_stopping")
    yield Observation("regularisers", event.at, {"names": tuple(dict.fromkeys(names))})
    for step in train.steps:
        if step.name == "cv2_imread":
            yield Observation("bgr", step.location, {"reader": "cv2.imread"})


def _array_labels(event: Event) -> str | None:
    """Labels given as an array: one-hot where to_categorical or one_hot made them."""
    given = _fit_argument(event, 1, "y")
    for one in ancestors(given, 30):
        if isinstance(one, Thing) and one.short in ("to_categorical", "one_hot", "get_dummies"):
            return "one_hot"
    for one in ancestors(given, 30):
        if isinstance(one, Thing) and one.name.startswith("keras.datasets."):
            return "int"
    return None
