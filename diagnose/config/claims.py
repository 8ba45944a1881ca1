"""Whether a program says of itself that it starts from learned features, by its name, headings or own names."""

from __future__ import annotations

import ast
from pathlib import Path

from diagnose.config.facts import Facts
from diagnose.model import Location
from diagnose.program.reader import Reader

CLAIMS = ("transfer learning", "transfer-learning", "transfer_learning", "transferlearning", "fine-tun", "fine_tun",
          "finetun",
          "fine tun", "transfer_model", "pretrained_model", "pre-trained resnet", "pretrained resnet")  # fmt: skip
DENIALS = ("scratch", "without", "no ", "not ", "non", "random", "instead", "versus", " vs", "if ", "?", "compare",
           "later", "todo",
           "could", "would", "should", "before", "unlike", "than ")  # fmt: skip
LONGEST = 10  # words of a comment that may be a heading


def find_claim(reader: Reader, path: Path, facts: Facts) -> tuple[str, Location] | None:
    """("transfer", its place) where the program claims it."""
    places = [(path.stem.lower(), Location(str(path), 1))]
    for source in reader.sources.values():
        if source.path != path:
            continue
        for tree, cell in source.parts:
            text = ast.get_docstring(tree) or ""
            first = next((line for line in text.splitlines() if line.strip()), "")
            places.append((first.lower(), Location(source.file, 1, cell)))
            for node in tree.body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                    places.append((node.name.lower(), Location(source.file, node.lineno, cell)))
        for comment, at in source.comments:
            if len(comment.split()) <= LONGEST and "(" not in comment and "=" not in comment:
                places.append((comment.lower(), at))
    weights = facts.settings.get("weights")
    for text, at in [*places, *_names_of_the_network(reader, weights.line if weights else None, path)]:
        if any(word in text for word in CLAIMS) and not any(word in text for word in DENIALS):
            return "transfer", at
    return None


def _names_of_the_network(reader: Reader, line: int | None, path: Path) -> list[tuple[str, Location]]:
    """Names that the network itself is given: transfer_model = ResNet50(weights=None)."""
    found = []
    for source in reader.sources.values():
        for tree, cell in source.parts if source.path == path else []:
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign) and line and node.lineno <= line <= (node.end_lineno or node.lineno):
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            found.append((target.id.lower(), Location(source.file, node.lineno, cell)))
    return found
