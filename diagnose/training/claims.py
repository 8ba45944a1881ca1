"""Whether a program claims to start from learned features.

Its name, its title and its names for the network it trains are claims. A later comment or heading never is: it may be
about options, another run or something left out.
"""

from __future__ import annotations

import ast
from pathlib import Path

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.source import SourceFile
from diagnose.interpreter.values import Thing, Value, plain
from diagnose.libraries.networks import architecture
from diagnose.model import Location, claims_features
from diagnose.training.fields import Fields
from diagnose.training.keras.layers import is_application
from diagnose.training.pytorch.network import state_weights

FITS = ("fit", "fit_generator")
CODING = ("!", "-*-", "coding", "vim:", "SPDX", "Copyright", "pylint", "flake8", "noqa", "type:")


def find_claim(reader: Reader, path: Path, fields: Fields, training: Location | None) -> tuple[str, Location] | None:
    """("transfer", where) if the program's name, title or names claim pretrained weights; None if not.

    training: where it trains. None too for a program that builds another network with weights: the claim may refer to
    that network's features.
    """
    own = [source for source in reader.sources.values() if source.path == path]
    if any(_brings_weights(event.result) for event in reader.trace.calls()) or any(map(_asks_for_weights, own)):
        return None
    places = [(path.stem, Location(str(path), 1))]
    for source in own:
        places += _titles(source)
        weights, model = fields.settings.get("weights"), fields.settings.get("model")
        lines = [setting.location for setting in (weights, model) if setting and setting.known and setting.location]
        places += _names(source, [at for at in (*lines, training) if at is not None])
    return next((("transfer", at) for text, at in places if claims_features(text)), None)


def _brings_weights(made: Value) -> bool:
    """Whether a library's network is built with weights, or may be."""
    if not isinstance(made, Thing):
        return False
    if is_application(made):
        given = made.arg(1, "weights")
        return given is None or plain(given, ...) is not None
    if architecture(made) is None:
        return False
    own = Fields("")
    state_weights(made, own)
    return not own.settings["weights"].known or own.settings["weights"].value != "none"


def _asks_for_weights(source: SourceFile) -> bool:
    """Whether any line of the file, read or not, builds a network with weights, as in a step that is run separately."""
    return any(
        (keyword.arg == "weights" and isinstance(keyword.value, ast.Constant) and keyword.value.value == "imagenet")
        or (keyword.arg == "pretrained" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True)
        for tree, _ in source.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
    )


def _titles(source: SourceFile) -> list[tuple[str, Location]]:
    """The first line of the file's docstring, and the comment at the start of the file."""
    found = []
    if not source.parts:
        return []
    tree, cell = source.parts[0]
    lines = [line for line in (ast.get_docstring(tree) or "").splitlines() if line.strip()]
    if lines:
        found.append((lines[0], Location(source.file, 1, cell)))
    first = min((node.lineno for node in tree.body), default=10**9)
    heading = next(
        ((text, at) for text, at in source.comments if at.cell == cell and text and not text.startswith(CODING)), None
    )
    if heading is not None and (heading[1].line or 0) < first:
        found.append(heading)
    return found


def _names(source: SourceFile, places: list[Location]) -> list[tuple[str, Location]]:
    """Names assigned to the value created at a place, and those of the functions and classes around it."""
    found = []
    for tree, cell in source.parts:
        lines = [at.line for at in places if at.line and at.cell == cell and Path(at.file).name == source.path.name]
        for node in ast.walk(tree):
            fitted = _fitted(node)
            if fitted is not None and fitted.lineno in lines:
                found.append((fitted.id, Location(source.file, fitted.lineno, cell)))
            if not isinstance(node, ast.Assign | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not any(node.lineno <= line <= (node.end_lineno or node.lineno) for line in lines):
                continue
            at = Location(source.file, node.lineno, cell)
            targets = node.targets if isinstance(node, ast.Assign) else []
            names = [one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in targets]
            found += [(name, at) for name in names or [getattr(node, "name", "")]]
    return found


def _fitted(node: ast.AST) -> ast.Name | None:
    """The name of the model in `model.fit(…)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FITS:
        return node.func.value if isinstance(node.func.value, ast.Name) else None
    return None
