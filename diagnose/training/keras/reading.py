"""Assembles the reading of a Keras program: each training separately, then what they have in common."""

from __future__ import annotations

from collections import Counter
from typing import Any

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Instance, Items, Thing, Value, plain
from diagnose.model import Location, Program, Setting
from diagnose.training.fields import Fields
from diagnose.training.keras import compiling, data, facts, sources, steps, weights
from diagnose.training.keras.compiling import argument
from diagnose.training.keras.details import describe_details
from diagnose.training.keras.layers import KerasModel, describe, find_network, input_size, is_application, is_model
from diagnose.training.keras.loops import OwnLoop, activated, measuring, ordered_at_random, own_loops
from diagnose.training.keras.phase import Phase
from diagnose.training.keras.train_step import OwnStep, own_step
from diagnose.training.labels import labels_of

FITS = (".fit", ".fit_generator")
SEEDS = ("tensorflow.random.set_seed", "tensorflow.set_random_seed", "keras.utils.set_random_seed", "numpy.random.seed",
         "random.seed", "tensorflow.compat.v1.set_random_seed", "tensorflow.random.set_random_seed")  # fmt: skip
MODEL_MAKERS = ("Model", "Sequential", "Functional", "load_model", "clone_model", "model_from_json")
OF_KERAS = frozenset(("epochs", "validation_data", "validation_split", "steps_per_epoch", "callbacks"))
MOST_OF_A_LINE = 12  # trainings, such as the folds of a cross-validation
MORE_THAN_ONCE = "the program trains more than once"


def read_keras(reader: Reader, fields: Fields) -> Program | None:
    """The program as it trains with Keras; None where it fits or compiles no model.

    Writes every field that all trainings agree on into `fields`; the others are unknown, with each training's value.
    """
    fits = [e for e in reader.trace.calls(*FITS) if _is_model(reader, e)]
    own = {one.fit: one for one in own_loops(reader) if one.compiled or _is_model(reader, one.fit)}
    fits = _not_too_many(reader, sorted([*fits, *own], key=lambda e: e.index))
    if not fits:
        # A part of a program: the compiled model is trained elsewhere.
        compiled = [e for e in reader.trace.calls(".compile") if _is_model(reader, e)]
        fits = compiled[-1:]
    if not fits:
        return None
    phases = _of_images(reader, [_phase(reader, event, own.get(event), fields.file) for event in fits])
    seed = next((e for e in reader.trace.calls(*SEEDS) if e.args), None)
    if seed is not None:
        fields.take("seed", seed.args[0], int)
    fields.settings |= _common(phases)
    first = phases[0]
    body = first.network.body
    ways = {(phase.train.fed, phase.network.body and steps.wanted(phase.network.body)) for phase in phases}
    return Program(
        framework="keras",
        managed_by="Keras",
        train_steps=tuple(first.train.steps) if all(phase.train.certain for phase in phases) else None,
        val_steps=tuple(first.val.steps) if first.val is not None and first.val.certain else None,
        validates=all(facts.validates(reader, phase, phases) for phase in phases),
        seeded=facts.seeds(reader, SEEDS),
        batch_norm_or_dropout=True,
        own_model=body is None,
        seen=tuple(facts.observe(reader, phases)),
        unfollowed=tuple(facts.unfollowed(reader, phases)),
        weights_want=steps.wanted(body) if body is not None and len(first.network.bodies) == 1 else None,
        fed=first.train.fed or None if len(ways) == 1 else None,
        class_by_class=True if first.train.by_class and "order" not in first.train.doubts else None,
        training=first.fit.at,
    )


def _not_too_many(reader: Reader, fits: list[Event]) -> list[Event]:
    """The trainings to read: only the first ones of a line that trains repeatedly."""
    seen: Counter[Location] = Counter()
    kept = []
    for event in fits:
        seen[event.at] += 1
        if seen[event.at] <= MOST_OF_A_LINE:
            kept.append(event)
    if len(kept) < len(fits):
        reader.notes.append(f"{len(fits) - len(kept)} more trainings by the same lines were left aside")
    return kept


def _is_model(reader: Reader, event: Event) -> bool:
    value = event.target
    if isinstance(value, Instance):
        return is_model(value)
    if not isinstance(value, Thing) or value.package in ("torch", "lightning", "sklearn"):
        return False
    if is_application(value) or (value.short in MODEL_MAKERS and value.name[:1].isalpha()):
        return True
    if not {"keras", "tensorflow", "tf_keras"} & reader.libraries:
        return False
    compiled = any(e.kwargs.keys() | set(e.args) for e in reader.trace.calls(".compile", of=value))
    return compiled or (event.name in FITS and bool(OF_KERAS & event.kwargs.keys()))


def _of_images(reader: Reader, phases: list[Phase]) -> list[Phase]:
    """The trainings without those on random numbers, where there are others."""
    real = [phase for phase in phases if not phase.train.synthetic]
    if real:
        for phase in phases:
            if phase.train.synthetic:
                reader.notes.append(f"the fit at line {phase.fit.at.line} trains on random numbers and was left aside")
    return real or phases


def _phase(reader: Reader, event: Event, own: OwnLoop | None, file: str) -> Phase:
    """One training: its network, its compile() settings, its data."""
    fields = Fields(file)
    assert event.target is not None
    network = find_network(reader, event.target)
    _assume_body(reader, network, event)
    describe(reader, network, event.index, fields)
    weights.describe(reader, network, event.index, fields)
    step = own_step(reader, event.target) if own is None else None
    compiled = [event] if event.name == ".compile" else compiling.compilations(reader, event.target, event.index)
    if own is not None and own.compiled is not None:
        compiled = [own.compiled]
    elif step is not None and (step.optimizer is not None or step.loss is not None):
        compiled = [compiling.replaced(one, step.optimizer, step.loss) for one in compiled or [event]]
    _compiled(reader, event, compiled, fields)
    if event.name == ".compile":
        return _unfitted(reader, event, network, compiled, fields)
    if step is not None and not step.certain:
        fields.forget("loss", "train_step() computes it in a way that was not followed")
    epochs = argument(event, 3, "epochs") or event.kwargs.get("nb_epoch")
    open_call = reader.is_open(event.at)
    fields.take("epochs", epochs, int, default=None if open_call else 1, at=event.at)
    if own is not None and (last := activated(own)) is not None:
        fields.settings.pop("output_activation", None)
        fields.know("output_activation", last.short, last.at)
    if own is not None:
        compiling.describe_own_schedule(reader, event, compiled[0] if compiled else None, fields)
    compiling.describe_schedule(reader, event, fields)
    describe_details(event, compiled[0] if len(compiled) == 1 else None, network, fields)
    train = _train_way(reader, event, network, own, step)
    if train.source is not None and steps.is_array(train.source):
        input_size(network, fields)
    steps.settle(train, fields)
    input_size(network, fields)
    if own is not None:
        steps.describe_own_batches(
            train, argument(event, 2, "batch_size"), ordered_at_random(event.kwargs.get("x")), fields
        )
    else:
        steps.describe_batches(train, argument(event, 2, "batch_size"), event.at, fields)
        if "shuffle" not in fields.settings and train.shuffle is None and train.shuffle_given is None:
            fields.take("shuffle", event.kwargs.get("shuffle"), bool, default=True, at=event.at)
    val = _val_way(reader, event, network, own)
    if val is not None:
        steps.settle(val, fields, val=True)
    return Phase(event, network, tuple(compiled), train, val, fields, own, step)


def _compiled(reader: Reader, event: Event, compiled: list[Event], fields: Fields) -> None:
    if not compiled:
        for name in compiling.COMPILED:
            fields.unknown(name, "no compile() of the model was found")
        return
    ways = []
    for one in compiled:
        own = Fields(fields.file)
        compiling.describe_compiled(reader, one, own)
        ways.append(own)
    fields.settings |= _agreed(ways, "it is compiled in one of several ways")
    compiling.set_later(reader, event.target, compiled[0], event.index, fields)


def _unfitted(reader: Reader, event: Event, network: KerasModel, compiled: list[Event], fields: Fields) -> Phase:
    """A model that is compiled but never fitted in this file."""
    reader.notes.append(
        f"nothing in {reader.path.name} fits the model that is compiled at line {event.at.line}: "
        "what fit() is given is not known"
    )
    way = steps.KerasPipeline(event.at)
    way.doubt("the program does not fit the model")
    for name in ("epochs", "schedule", "batch_size", "shuffle"):
        fields.unknown(name, "the program does not fit the model")
    steps.settle(way, fields)
    input_size(network, fields)
    return Phase(event, network, tuple(compiled), way, None, fields)


def _assume_body(reader: Reader, network: KerasModel, event: Event) -> None:
    """Take an undefined model for one on top of the only network that the file builds."""
    model = event.target
    if network.layers or not any(model is one for one in reader.undefined.values()):
        return
    made = [e.result for e in reader.trace.calls(before=event.index) if is_application(e.result)]
    if len(made) != 1 or not isinstance(made[0], Thing):
        return
    name = next(name for (_, name), one in reader.undefined.items() if one is model)
    network.bodies, network.body = [made[0]], made[0]
    line = f" at line {made[0].at.line}" if made[0].at.line else ""
    reader.notes.append(f"`{name}` is defined nowhere: it was taken for a model on the {made[0].short}{line}")


# ---------------------------------------------------------------------- several trainings


def _common(phases: list[Phase]) -> dict[str, Setting[Any]]:
    """Fields on which all trainings agree; the others are unknown, with each training's value."""
    if len(phases) == 1:
        return phases[0].fields.settings
    ways = [phase.fields for phase in phases]
    if len({phase.fit.at for phase in phases}) == 1:
        return _agreed(ways, "its model is one of several, by a condition known at run time only")
    return _agreed(ways, MORE_THAN_ONCE, [phase.fit.at.line for phase in phases])


def _agreed(ways: list[Fields], why: str, lines: list[int | None] | None = None) -> dict[str, Setting[Any]]:
    """The fields on which several readings agree; the others are unknown."""
    found: dict[str, Setting[Any]] = {}
    for name in dict.fromkeys(name for way in ways for name in way.settings):
        given = [way.settings.get(name) for way in ways]
        first = next(setting for setting in given if setting is not None)
        known = [setting for setting in given if setting is not None and setting.known]
        if len(known) == len(ways) and all(setting.value == known[0].value for setting in known):
            found[name] = known[0]
        elif not known:
            found[name] = first
        else:
            parts = [_shown(setting, lines[n] if lines else None) for n, setting in enumerate(given)]
            alternatives = (", then " if lines else " or ").join(dict.fromkeys(parts))
            found[name] = Setting(file=first.file, why=f"`{name}` is not known: {why}: {alternatives}")
    return found


def _shown(setting: Setting[Any] | None, line: int | None) -> str:
    line = setting.line if setting is not None and setting.known and line is None else line
    place = f" (line {line})" if line else ""
    if setting is None or not setting.known:
        return f"not known{place}"
    value = setting.value
    if isinstance(value, tuple):
        return ("[" + ", ".join(map(str, value)) + "]" if value else "none") + place
    return f"{value}{place}"


# ---------------------------------------------------------------------- data


def _train_way(
    reader: Reader, event: Event, network: KerasModel, own: OwnLoop | None, step: OwnStep | None
) -> steps.KerasPipeline:
    given = argument(event, 0, "x") or event.kwargs.get("generator") or event.kwargs.get("train_data")
    way = data.way_of(reader, given, event.at)
    labels = argument(event, 1, "y")
    if own is not None:
        data.label(way, labels, given)
    elif labels is not None and plain(labels, ...) is not None and not _is_stream(given):
        way.array = True  # x and y are arrays, which fit() shuffles and cuts into batches
        way.label(labels_of(labels))
        way.doubts.pop("order", None)
    if step is not None:
        data.through_step(reader, step.batch, step.images, way)
        data.label(way, step.labels, step.images)
    elif own is None and isinstance(network.model, Instance) and network.model.cls.find("train_step") is not None:
        way.doubt(f"{network.model.cls.name}.train_step() may prepare the images", "values", "random")
    if step is None or step.whole:
        data.through_network(reader, network.model, way)
    else:
        way.doubt("its train_step() calls the layers of the network one by one", "values", "random")
    return way


def _is_stream(value: Value | None) -> bool:
    """Whether data is already batched: a dataset, a generator, a Sequence."""
    return isinstance(value, Instance) or (isinstance(value, Thing) and value.name in sources.FLOWS)


def _val_way(reader: Reader, event: Event, network: KerasModel, own: OwnLoop | None) -> steps.KerasPipeline | None:
    given = argument(event, 7, "validation_data")
    measured = measuring(reader, own) if own is not None else None
    if measured is not None:
        given = measured.args[0]
    if given is None or plain(given, ...) is None:
        return None
    if isinstance(given, Items) and given.items and isinstance(given.items[0], Const):
        return None
    way = data.way_of(reader, given, event.at)
    data.through_network(reader, network.model, way, random=False)
    if isinstance(network.model, Instance) and network.model.cls.find("test_step") is not None:
        way.doubt(f"{network.model.cls.name}.test_step() may prepare the images", "values", "random")
    return way
