"""How a person's program is started here: by itself, quiet, with its writing sent elsewhere."""

from __future__ import annotations

import builtins
import os
import runpy
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diagnose.running import onimport, place
from diagnose.running.redirect import Redirect

# Trackers keep to themselves, and nothing opens a window.
QUIET = {
    "WANDB_MODE": "offline",
    "WANDB_SILENT": "true",
    "COMET_MODE": "disabled",
    "CLEARML_OFFLINE_MODE": "1",
    "NEPTUNE_MODE": "offline",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "MPLBACKEND": "Agg",
    "TQDM_MININTERVAL": "5",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "SDL_VIDEODRIVER": "dummy",
    "NO_ALBUMENTATIONS_UPDATE": "1",
}
EXPECTED = (
    "timm", "torchvision.models", "torchvision.models._api", "torchvision._internally_replaced_utils",
    "keras.src.utils.file_utils", "tensorboard.summary.writer.event_file_writer",
)  # fmt: skip


def kept_apart(scratch: Path, offline: bool) -> Redirect:
    """Before the program begins: what it writes goes to `scratch`, trackers are offline, and nobody answers it.
    offline: whether no connection is made."""
    os.environ.update(QUIET)
    if offline:
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
        _without_network()
    redirect = Redirect(scratch)
    redirect.install()
    builtins.input = _no_input
    onimport.expect(*EXPECTED)
    return redirect


def start(path: Path, arguments: Sequence[str]) -> None:
    """Runs a program or a notebook to its end, as `python PATH ARGUMENTS` would. Raises what it raises."""
    sys.argv = [str(path), *arguments]
    sys.path[:0] = [str(path.absolute().parent), *([os.getcwd()] if os.getcwd() not in sys.path else [])]
    place.ROOT = os.path.realpath(path.absolute().parent)
    if path.suffix == ".ipynb":
        from diagnose.running.notebook import run_cells

        run_cells(path)
    else:
        runpy.run_path(str(path), run_name="__main__")


def _no_input(prompt: object = "") -> str:
    raise EOFError("the program asks for input, and nobody answers in a run in miniature")


def _without_network() -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("--offline: no connection is made")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    setattr(socket, "getaddrinfo", refuse)  # noqa: B010  mypy holds its type
