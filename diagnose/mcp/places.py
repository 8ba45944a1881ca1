"""Where a client may point: nothing outside its roots is read or written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

from diagnose.config.read import path_of
from diagnose.model import InputError, printable

OUTSIDE = "give a path below it, or start the server with the folder of the images: diagnose DATA --mcp"


class Places:
    """roots: the folders that may be read and written. Links are followed before it is judged where a path leads."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots = tuple(dict.fromkeys(root.resolve() for root in roots))

    def holds(self, path: Path) -> bool:
        """Whether the path leads below a root. Raises OSError or RuntimeError where that cannot be found out."""
        return any(path.resolve().is_relative_to(root) for root in self.roots)

    def existing(self, word: str, what: str) -> str:
        """The path of a file or folder below a root, as it was given. Raises InputError for anything else, standard
        input, URLs and packages among them. what: the argument's name."""
        shown = printable(word)
        if not word or word == "-" or "://" in word or "\0" in word:
            raise InputError(f"{what} {shown!r} isn't a path: give a file or folder on this machine.")
        path = Path(word)
        try:
            inside = self.holds(path)
            exists = inside and path.exists()
        except (OSError, RuntimeError):  # a name that is too long; links in a circle
            raise InputError(f"{what} {shown[:200]} cannot be read: give another path.") from None
        if not inside:
            names = ", ".join(printable(str(root)) for root in self.roots)
            raise InputError(f"{what} {shown} lies outside {names}: {OUTSIDE}.")
        if not exists:
            raise InputError(f"{what} {shown} does not exist: give a file or folder on this machine.")
        return word

    def program(self, command: str) -> str:
        """A program or configuration, with its command line where it has one."""
        self.existing(str(path_of(command)), "program")
        return command


def folder_of(uri: str) -> Path | None:
    """The folder of a file:// URI, as clients name their roots; None for another kind."""
    parts = urlparse(uri)
    return Path(url2pathname(unquote(parts.path))) if parts.scheme == "file" else None
