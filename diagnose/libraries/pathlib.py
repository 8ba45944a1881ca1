"""pathlib: the results of path methods. A path is a string here, as it is for Python's built-in functions."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.values import Call, Const, Value, constant

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("pathlib")
SAME = ("resolve", "absolute", "expanduser", "as_posix", "__str__", "__fspath__")  # ignoring links and the home folder
JOINING = ("joinpath", "with_name", "with_suffix", "with_stem", "relative_to")


def _is_text(value: Value | None) -> bool:
    return isinstance(value, Const) and isinstance(value.data, str)


@OVERLAY.handles(*(f".{name}" for name in SAME), of=_is_text)
def _same(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    return owner


def _joining(name: str) -> None:
    @OVERLAY.handles(f".{name}", of=_is_text)
    def run(reader: Reader, owner: Value | None, call: Call) -> Value | None:
        assert isinstance(owner, Const)
        try:
            given = [constant(one) for one in call.args]
            return Const(owner.at, str(getattr(PurePath(owner.data), name)(*given)))
        except (TypeError, ValueError):  # an unknown part, or one that pathlib rejects
            return None


for _name in JOINING:
    _joining(_name)
