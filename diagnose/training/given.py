"""Arguments of a library's call as plain values of options, or COMPUTED where known at run time only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnose.interpreter.values import Thing, Value, is_known, plain

COMPUTED = "computed"  # in place of a value that the program computes
TENSORS = ("tensor", "Tensor", "FloatTensor", "as_tensor", "array", "constant", "from_numpy", "asarray")
HANDED_ON = (".to", ".cuda", ".float", ".double", ".half")


def given(value: Value | None) -> Any:
    """An argument as a plain value: a number, string, bool or tuple of numbers and strings.

    None where it is not given or None, COMPUTED where it is known at run time only.
    """
    while isinstance(value, Thing) and value.name in HANDED_ON:
        value = value.base
    if isinstance(value, Thing) and value.short in TENSORS and value.args:
        return given(value.args[0])
    data = plain(value)
    if isinstance(data, list | tuple) and data and all(isinstance(one, int | float | str) for one in data):
        return tuple(data)
    if isinstance(data, bool | int | float | str):
        return data
    return None if value is None or is_known(value) else COMPUTED


def options(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The options whose values are not None, as pairs sorted by name."""
    return tuple(sorted((name, value) for name, value in values.items() if value is not None))
