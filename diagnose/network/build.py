"""A person's network, made by their code, `package.module:factory`, with the number of classes where it takes one."""

from __future__ import annotations

import importlib
import inspect
import os
from functools import reduce
from typing import Any

from torch import nn

from diagnose.model import Location


def build(source: str, classes: int) -> tuple[nn.Module, Location | None]:
    """The module that the factory gives, with the number of classes where it takes one."""
    module_name, _, path = source.partition(":")
    module = importlib.import_module(module_name)
    made: Any = reduce(getattr, path.split("."), module)
    place = _defined_at(made)
    if not isinstance(made, nn.Module):
        parameters = inspect.signature(made).parameters
        names = ("num_classes", "classes", "n_classes", "num_class", "num_labels", "n_class", "nb_classes")
        given = {name: classes for name in names if name in parameters}
        made = made(**given)
    if not isinstance(made, nn.Module):
        raise TypeError(f"{source} gives a {type(made).__name__}, not a torch.nn.Module")
    return made, place


def _defined_at(made: Any) -> Location | None:
    try:
        target = made if inspect.isclass(made) or inspect.isfunction(made) else type(made)
        return Location(near(inspect.getsourcefile(target) or ""), inspect.getsourcelines(target)[1])
    except (TypeError, OSError, ValueError):
        return None


def near(path: str) -> str:
    """The path from here, where it lies below."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative
