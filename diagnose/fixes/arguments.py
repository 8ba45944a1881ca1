"""Arguments of calls in a program: another value, or one that the program leaves to the library.

Like the rewrites these propose texts, which are read again before anyone sees them.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from diagnose.fixes.script import Script
from diagnose.training.text import last_name


def with_argument(
    script: Script, line: int, calls: Collection[str], keywords: Collection[str], value: str
) -> Iterator[str]:
    """The program's text with the value as an argument of a call that begins on the line, one text for each way.

    calls: names of what is called. keywords: names of the argument; one that is given as a plain value gets the new
    one, where none is given each is added in turn.
    """
    for call in script.nodes(ast.Call, line):
        if last_name(call.func) not in calls:
            continue
        given = [keyword for keyword in call.keywords if keyword.arg in keywords]
        for keyword in (one for one in given if isinstance(one.value, ast.Constant)):
            yield script.spliced([script.replaced(keyword.value, value)])
        for name in keywords if not given else ():
            yield script.spliced([script.added_argument(call, f"{name}={value}")])


def with_dropout(script: Script, line: int, share: str) -> Iterator[str]:
    """A linear layer that begins on the line, with dropout before it: both in a Sequential of the same library."""
    for call in script.nodes(ast.Call, line):
        if last_name(call.func) == "Linear":
            prefix = script.source(call.func).removesuffix("Linear")
            text = f"{prefix}Sequential({prefix}Dropout({share}), {script.source(call)})"
            yield script.spliced([script.replaced(call, text)])
