"""The child: hooks the libraries, then runs the program as if it had been started by itself."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import traceback
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType

from diagnose.running import onimport, place
from diagnose.running.files import Opened
from diagnose.running.job import RunJob
from diagnose.running.printed import Output, PrintedAccuracy, Store
from diagnose.running.recorder import Recorder
from diagnose.running.sandbox import begin
from diagnose.running.starting import kept_apart, start

# Modules of libraries, and what of diagnose.running.hooks is put on each as it is imported.
HOOKS = {
    "transformers.modeling_utils": "transformers_weights",
    "transformers.trainer": "transformers_trainer",
    "torchmetrics.metric": "torchmetrics_states",
    "lightning.pytorch.trainer.trainer": "lightning_trainer",
    "pytorch_lightning.trainer.trainer": "lightning_trainer",
    "accelerate.accelerator": "accelerate_steps",
}
CUT = 1.5  # seconds before the limit at which the child ends itself, with its last summary
_MISSING = (ImportError, FileNotFoundError, NotADirectoryError, PermissionError, ConnectionError, socket.gaierror)


def main() -> None:
    """Reads the job from the command line and never returns."""
    begin()
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
    recorder.redirect = kept_apart(Path(job.scratch), job.offline)
    opened.install()
    onimport.when("torch", lambda module: _hook_torch(recorder, opened))
    onimport.when("keras", lambda module: _hook_keras(recorder, module, opened))
    for library, hook in HOOKS.items():
        onimport.when(library, partial(_hook, recorder, hook))
    _end_in_time(recorder, job.limit)
    _run(recorder, job)


def _hook_torch(recorder: Recorder, opened: Opened) -> None:
    from diagnose.running.hooks import torch_all

    torch_all.install(recorder, opened)


def _hook_keras(recorder: Recorder, module: ModuleType, opened: Opened) -> None:
    from diagnose.running.hooks import keras_all

    keras_all.install(recorder, module, opened)


def _hook(recorder: Recorder, name: str, module: ModuleType) -> None:
    import_module(f"diagnose.running.hooks.{name}").install(recorder, module)


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
    try:
        start(Path(job.program), job.arguments)
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
