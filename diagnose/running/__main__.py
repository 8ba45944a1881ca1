"""The child: hooks the libraries, then runs the program as if it had been started by itself."""

from __future__ import annotations

import builtins
import json
import os
import runpy
import socket
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from diagnose.running import onimport, place
from diagnose.running.files import Opened
from diagnose.running.job import RunJob
from diagnose.running.printed import Output, PrintedAccuracy, Store
from diagnose.running.recorder import Recorder
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
CUT = 1.5  # seconds before the limit at which the child ends itself, with its last summary
_MISSING = (ImportError, FileNotFoundError, NotADirectoryError, PermissionError, ConnectionError, socket.gaierror)


def main() -> None:
    """Reads the job from the command line and never returns."""
    given = json.loads(sys.argv[1])
    job = RunJob(**{**given, "arguments": tuple(given["arguments"])})
    sink = os.fdopen(job.sink, "w", encoding="utf-8")
    recorder = Recorder(job.command, job.limit, sink)
    recorder.whole_batches, recorder.whole_passes = job.whole_batches, job.whole_passes
    recorder.probe_steps, recorder.seed_shift = job.steps, 1000 * job.seed
    store, opened = Store(), Opened()
    recorder.output = store.last
    sys.stdout, sys.stderr = Output(sys.stdout, store), Output(sys.stderr, store)
    PrintedAccuracy(recorder, store)
    os.environ.update(QUIET)
    if job.offline:
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
        _without_network()
    recorder.redirect = Redirect(Path(job.scratch))
    recorder.redirect.install()
    builtins.input = _no_input
    onimport.expect(*EXPECTED)
    opened.install()
    onimport.when("torch", lambda module: _hook_torch(recorder, opened))
    onimport.when("keras", lambda module: _hook_keras(recorder, module, opened))
    onimport.when("transformers.modeling_utils", lambda module: _hook_transformers(recorder, module))
    for name in ("lightning.pytorch.trainer.trainer", "pytorch_lightning.trainer.trainer"):
        onimport.when(name, lambda module: _hook_lightning(recorder, module))
    onimport.when("accelerate.accelerator", lambda module: _hook_accelerate(recorder, module))
    _end_in_time(recorder, job.limit)
    _run(recorder, job)


def _hook_torch(recorder: Recorder, opened: Opened) -> None:
    from diagnose.running.hooks import torch_all

    torch_all.install(recorder, opened)


def _hook_keras(recorder: Recorder, module: ModuleType, opened: Opened) -> None:
    from diagnose.running.hooks import keras_all

    keras_all.install(recorder, module, opened)


def _hook_transformers(recorder: Recorder, module: ModuleType) -> None:
    from diagnose.running.hooks import transformers_weights

    transformers_weights.install(recorder, module)


def _hook_lightning(recorder: Recorder, module: ModuleType) -> None:
    from diagnose.running.hooks import lightning_trainer

    lightning_trainer.install(recorder, module)


def _hook_accelerate(recorder: Recorder, module: ModuleType) -> None:
    from diagnose.running.hooks import accelerate_steps

    accelerate_steps.install(recorder, module)


def _no_input(prompt: object = "") -> str:
    raise EOFError("the program asks for input, and nobody answers in a run in miniature")


def _without_network() -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("--offline: no connection is made")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    setattr(socket, "getaddrinfo", refuse)  # noqa: B010  mypy holds its type


def _end_in_time(recorder: Recorder, limit: float) -> None:
    main_thread = threading.main_thread().ident

    def late() -> None:
        frame = sys._current_frames().get(main_thread or 0)
        where = place.here(frame)
        seen = f"{recorder.steps} training steps" if recorder.steps else "no training step"
        at = f"; it was at {where}" if where else ""
        recorder.end("time", f"{limit:.0f} s were over after {seen}{at}", where)

    timer = threading.Timer(max(1.0, limit - CUT), late)
    timer.daemon = True
    timer.start()


def _run(recorder: Recorder, job: RunJob) -> None:
    path = Path(job.program)
    sys.argv = [job.program, *job.arguments]
    sys.path[:0] = [str(path.absolute().parent), *([os.getcwd()] if os.getcwd() not in sys.path else [])]
    place.ROOT = os.path.realpath(path.absolute().parent)
    try:
        if path.suffix == ".ipynb":
            from diagnose.running.notebook import run_cells

            run_cells(path)
        else:
            runpy.run_path(str(path), run_name="__main__")
    except SystemExit as left:
        if left.code not in (None, 0):
            recorder.end(
                "crashed", f"the program ended itself: {_one_line(left.code)}", place.of_fault(left.__traceback__)
            )
    except BaseException as fault:
        traceback.print_exc()
        where = place.of_fault(fault.__traceback__)
        why = f"{type(fault).__name__}: {_one_line(fault)}"
        kind = "missing" if isinstance(fault, (*_MISSING, EOFError)) or "CUDA" in why else "crashed"
        recorder.end(kind, why, where)
    if not recorder.steps:
        recorder.end("never trained", "the program ended without a training step")
    recorder.end("finished", "the program came to its end")


def _one_line(fault: object) -> str:
    text = str(fault).strip().splitlines()
    return text[0][:300] if text else "no message"


if __name__ == "__main__":
    main()
