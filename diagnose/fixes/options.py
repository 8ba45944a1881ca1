"""Writes one option, such as label smoothing, into a configuration file: where it stands, or as a line of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from diagnose.catalogue.options import ALONE, WORDS
from diagnose.fixes.draft import CannotEdit
from diagnose.fixes.edit import ONE_VALUE, added, written


def with_option(path: Path, text: str, field: str, option: str, value: Any) -> str:
    """The file's text with the option of that field set, such as "loss_options" and "label_smoothing".

    Raises CannotEdit where the option stands in several places, or has no name outside of a section.
    """
    words = {option, *(word for word, meant in WORDS[field].items() if meant == option)}
    keys = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    pattern = re.compile(rf"""((?<![\w.])["']?(?:\w+\.)?(?:{keys})["']?\s*[:=]\s*)({ONE_VALUE})""", re.I | re.M)
    found = [
        one for one in pattern.finditer(text) if "#" not in text[text.rfind("\n", 0, one.start()) + 1 : one.start()]
    ]
    if len(found) > 1:
        raise CannotEdit(f"{option.replace('_', ' ')} stands in several places")
    if found:
        return text[: found[0].start(2)] + written(path, value) + text[found[0].end(2) :]
    alone = next((word for word, group in ALONE.items() if group == field and word in words), None)
    if alone is None:
        raise CannotEdit(f"{option.replace('_', ' ')} belongs into a section of its own")
    return added(path, text, alone, value)
