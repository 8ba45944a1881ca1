"""The child: `diagnose.network REQUEST` builds the network and prints what was measured, as one JSON line."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace

import torch
from torchvision.models import resnet50

from diagnose.children import join
from diagnose.model import Location, OwnNetwork
from diagnose.network.build import build, near
from diagnose.network.measure import measure, overfit

SEED = 0


def main() -> None:
    """Examine the network that the JSON request in argv[1] names: source, classes, size (px) and folders."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the network's own code prints isn't an answer
    request = json.loads(sys.argv[1])
    if "OMP_NUM_THREADS" not in os.environ:  # else it is as many as the person wants
        torch.set_num_threads(os.cpu_count() or 1)
    join(request["folders"])

    def say(network: OwnNetwork) -> None:
        out.write(json.dumps(asdict(network)) + "\n")
        out.flush()

    examine(request["source"], request["classes"], request["size"], say)


def examine(source: str, classes: int, size: int, say: Callable[[OwnNetwork], None]) -> None:
    """Reports what is known of the network after each step, or how it failed."""
    network = OwnNetwork(source, classes, size)
    try:
        torch.manual_seed(SEED)
        own, place = build(source, classes)
        network = replace(network, location=place)
        measured = measure(own, classes, size)
        network = replace(network, own=measured)
        say(network)  # what follows may outlast the time limit
        torch.manual_seed(SEED)
        reference = measure(resnet50(num_classes=classes), classes, size)
        network = replace(network, reference=reference)
        say(network)
        try:
            learned = overfit(own, measured, classes)
        except (RuntimeError, ValueError, AssertionError):  # a network that takes images of one size alone
            learned = overfit(own, measured, classes, size)
        network = replace(network, own=learned)
        say(network)
        network = replace(network, reference=overfit(resnet50(num_classes=classes), reference, classes))
        say(network)
    except Exception as fault:  # it is a person's own code
        traceback.print_exc()
        say(replace(network, crash=f"{type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}",
                    location=_last_own_line(fault) or network.location))  # fmt: skip


def _last_own_line(fault: Exception) -> Location | None:
    """Where in a person's own files it happened."""
    frames = traceback.extract_tb(fault.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename and f"{os.sep}diagnose{os.sep}" not in f.filename
           and not f.filename.startswith("<")]  # fmt: skip
    return Location(near(own[-1].filename), own[-1].lineno) if own else None


if __name__ == "__main__":
    main()
