"""The files of published weights: in torch's cache, in that of the Hugging Face hub, or fetched into one of them."""

from __future__ import annotations

import hashlib
import math
import re
import socket
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError

import torch

from diagnose.probing.libraries.source import Published

CONNECT_SECONDS = 10  # a network that swallows packets must not eat the budget
DIGITS = re.compile(r"-([0-9a-f]{8,})\.")  # of a checksum, in a file's name

Say = Callable[[str], None]


def cached(entry: Published, say: Say) -> Path | None:
    """The file of published weights in torch's cache or the hub's, where one of them has it."""
    for file in entry.files if entry.hub else ():
        from huggingface_hub import try_to_load_from_cache

        name, _, revision = entry.hub.partition("@")
        found = try_to_load_from_cache(name, file, revision=revision or None)
        if isinstance(found, str):
            return Path(found)
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(entry.url).name
    if not entry.url or not path.is_file():
        return None
    if not matches_checksum(path):
        say(f"{path} does not match the checksum in its name, so it was not used")
        return None
    return path


def downloaded(entry: Published, offline: bool, seconds: float, say: Say) -> Path | None:
    """The file of published weights, fetched into the cache of the library that it comes from."""
    if offline:
        say(f"--offline: {entry.name} is not in a cache of weights and was not downloaded")
        return None
    if not entry.hub and not DIGITS.search(entry.url):
        say(f"{entry.name} has no address with a checksum, so it was not downloaded")
        return None
    say(f"downloading {f'https://huggingface.co/{entry.hub}' if entry.hub else entry.url}")
    socket.setdefaulttimeout(CONNECT_SECONDS)
    done: list[Path | Exception] = []

    def fetch() -> None:
        try:
            done.append(_from_hub(entry) if entry.hub else _from_url(entry.url))
        except Exception as fault:  # reported in one sentence, whatever a library raises where the network fails
            done.append(fault)

    worker = threading.Thread(target=fetch, daemon=True)  # it ends with the process, and its file then isn't kept
    worker.start()
    worker.join(None if math.isinf(seconds) else max(0.0, seconds))
    if not done:
        say(f"{entry.name} was not downloaded within {seconds:.0f} s")
        return None
    if isinstance(done[0], Exception):
        say(f"{entry.name} could not be downloaded ({(str(done[0]).splitlines() or [type(done[0]).__name__])[0]})")
        return None
    return done[0]


def _from_url(url: str) -> Path:
    """Into torch's cache, by the checksum in the name. Raises what torch.hub raises."""
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    target = folder / Path(url).name
    folder.mkdir(parents=True, exist_ok=True)
    digits = DIGITS.search(target.name)
    torch.hub.download_url_to_file(url, str(target), digits.group(1) if digits else None, progress=True)
    return target


def _from_hub(entry: Published) -> Path:
    """Into the hub's cache, where timm finds it too. Raises what huggingface_hub raises, or OSError at once where
    nothing answers: huggingface_hub itself asks six times over half a minute."""
    from huggingface_hub import hf_hub_download, hf_hub_url
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    name, _, revision = entry.hub.partition("@")
    address = hf_hub_url(name, entry.files[0], revision=revision or None)
    try:
        urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=CONNECT_SECONDS).close()
    except HTTPError as answer:  # somebody answered; what it means is for huggingface_hub to find out
        answer.close()
    for file in entry.files:
        try:
            return Path(hf_hub_download(name, file, revision=revision or None, etag_timeout=CONNECT_SECONDS))
        except LocalEntryNotFoundError:
            raise
        except EntryNotFoundError:
            continue
    raise FileNotFoundError(f"{entry.hub} holds none of {', '.join(entry.files)}")


def matches_checksum(path: Path) -> bool:
    """Whether the file's SHA-256 begins with the digits that torch's naming puts before the ending; a name without
    digits promises nothing."""
    wanted = DIGITS.search(path.name)
    if wanted is None:
        return True
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest().startswith(wanted.group(1))
