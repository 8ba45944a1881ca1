"""Finds the checks: every module of `diagnose.checks`, and of the packages that announce themselves by entry point."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from importlib.metadata import entry_points
from types import ModuleType

from diagnose.model import BrokenInstallation, Check, InputError

ENTRY_POINTS = "diagnose.checks"  # a plug-in names its package of checks here


def load_checks() -> dict[str, Check]:
    """Every check by code, sorted.

    Raises RuntimeError for two checks of one code or name, and BrokenInstallation where this package's own are
    missing: no check would read as no fault.
    """
    ours = importlib.import_module("diagnose.checks")
    if not any(pkgutil.iter_modules(ours.__path__)):
        raise BrokenInstallation(f"No checks were found in {ours.__path__[0]}: install diagnose-training again.")
    packages = [
        ours,
        *(point.load() for point in entry_points(group=ENTRY_POINTS)),
    ]
    found: dict[str, Check] = {}
    for package in packages:
        for module in _modules(package):
            for check in _checks_of(module):
                twin = next((c for c in found.values() if check.code == c.code or check.name == c.name), None)
                if twin:
                    raise RuntimeError(
                        f"{module.__name__}: {check.code} {check.name} is taken by {twin.code} {twin.name}"
                    )
                found[check.code] = check
    return dict(sorted(found.items()))


def _modules(package: ModuleType) -> Iterable[ModuleType]:
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(info.name)


def _checks_of(module: ModuleType) -> list[Check]:
    return [value for value in vars(module).values() if isinstance(value, Check)]


def explanation(check: Check) -> str:
    """The check's documentation, which is its module's docstring: one line a paragraph, a blank line between."""
    text = inspect.getdoc(inspect.getmodule(check.judge)) or ""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def choose(checks: dict[str, Check], select: Iterable[str], ignore: Iterable[str]) -> dict[str, Check]:
    """The checks named by `select` (all where it is empty) less those named by `ignore`.

    A word is a code, the beginning of codes ("D", "C30") or a name; raises InputError for any other.
    """
    wanted = {code for word in select for code in _matching(checks, word)} or set(checks)
    unwanted = {code for word in ignore for code in _matching(checks, word)}
    return {code: check for code, check in checks.items() if code in wanted and code not in unwanted}


def _matching(checks: dict[str, Check], word: str) -> list[str]:
    matching = [code for code, check in checks.items() if code.startswith(word.upper()) or check.name == word.lower()]
    if not matching or not word:
        words = [*checks, *(check.name for check in checks.values())]
        near = difflib.get_close_matches(word, words, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else "; see --list-checks."
        raise InputError(f"No check is called '{word}'{hint}")
    return matching
