"""A training program as a configuration: read, never imported or run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from diagnose.interpreter.reader import Exhausted, Reader
from diagnose.interpreter.source import read_text
from diagnose.libraries import registry
from diagnose.model import Config, InputError, Location, Program, Setting
from diagnose.training.claims import find_claim
from diagnose.training.evaluating import read_evaluation
from diagnose.training.fields import Fields
from diagnose.training.finders import find_facts
from diagnose.training.fragment import called_from_elsewhere, left_out, read_fragment
from diagnose.training.keras.reading import read_keras
from diagnose.training.pytorch.reading import read_pytorch
from diagnose.training.snippet import assumed_names, of_snippet

ENDINGS = (".py", ".ipynb")
NOTHING = (
    "no training was found in it: give the program that trains the classifier with PyTorch or Keras, "
    "or a configuration file."
)
UNFOLLOWED = ("mmpretrain", "mmcls", "jax", "flax", "mxnet", "paddle")
FOLLOWED = ("fastai", "ignite", "catalyst", "composer")  # libraries whose loops are followed in their usual form


@dataclass(frozen=True)
class Reading:
    """A configuration of any kind, as read. program: None unless it is a training program."""

    config: Config
    program: Program | None = None
    notes: tuple[str, ...] = ()


def read_program(
    path: Path, arguments: tuple[str, ...] = (), snippet: bool = False, evaluates: bool = False
) -> Reading:
    """The configuration of a .py file or a notebook, which is never run. arguments: its command line.

    snippet: whether it is a piece of a program, so that nothing it lacks is reported as absent. evaluates: whether it
    may evaluate or predict alone.
    Raises InputError where it isn't readable Python, where the arguments do not fit it, and where no training is found.
    """
    reader = Reader(path, registry(), arguments)
    if snippet:
        reader.pasted, reader.assumed = True, assumed_names(read_text(path))
    reader.read()
    try:
        return _reading(reader, path, snippet, evaluates)
    except Exhausted:
        raise InputError(f"{path}: it is larger than what is followed; give its settings in a YAML file.") from None


def _reading(reader: Reader, path: Path, snippet: bool, evaluates: bool) -> Reading:
    """The reading of a program that was followed to its end."""
    fields = Fields(str(path))
    program = read_pytorch(reader, fields)
    if program is None or "keras" in reader.libraries or "tensorflow" in reader.libraries:
        other = Fields(str(path))
        keras = read_keras(reader, other)
        if keras is not None and (program is None or len(other.settings) > len(fields.settings)):
            fields, program = other, keras
    why = _not_followed(reader) if program is None else None
    if program is None and why is None:
        program = read_fragment(reader, fields)
    if snippet:
        program = of_snippet(reader, program, fields)
    if program is None and evaluates:
        program = read_evaluation(reader, fields)
    if program is None:
        raise InputError(f"{path}: {why or _half_followed(reader)}")
    program = replace(program, seen=(*program.seen, *find_facts(reader)))
    program = called_from_elsewhere(reader, left_out(reader, program))
    claim = find_claim(reader, path, fields, program.training)
    fields.know("name", path.stem, _top(path))
    if claim is not None:
        fields.know("method", *claim)
    config = fields.config()
    if claim is None:
        config = replace(config, method=_method(config))
    notes = tuple(dict.fromkeys(reader.notes))
    return Reading(config, replace(program, notes=notes), notes)


def _not_followed(reader: Reader) -> str | None:
    """The end of a sentence about a program whose training is not followed."""
    if bool(reader.trace.calls("tensorflow.GradientTape")):
        return (
            "its loop with GradientTape does not train one Keras network with an optimizer; give its settings in a "
            "YAML file."
        )
    library = next((name for name in UNFOLLOWED if name in reader.libraries), None)
    if library is not None:
        return f"it trains with {library}, which is not followed; give its settings in a YAML file."
    return None


def _half_followed(reader: Reader) -> str:
    """The end of a sentence about a program in which no training was found."""
    library = next((name for name in FOLLOWED if name in reader.libraries), None)
    if library is None:
        return NOTHING
    return f"it trains with {library} in a way that is not followed; give its settings in a YAML file."


def _top(path: Path) -> Location:
    return Location(str(path), 1, 1 if path.suffix == ".ipynb" else None)


def _method(config: Config) -> Setting[str]:
    """The method that weights and frozen layers imply, where the program does not state it."""
    weights = config.weights
    if not weights.known:
        return config.method
    if weights.value == "none":
        return replace(weights, value="scratch")
    if config.frozen.known and "backbone" in (config.frozen.value or ()):
        return replace(weights, value="linear_probe")
    return replace(weights, value="transfer")
