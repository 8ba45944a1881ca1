"""The probe child process: `python -m diagnose.probing DEVICE [--give-way]`.

A process of its own can be killed at any moment, frees the GPU when it dies, and keeps torch out of
the program that a person is looking at.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from diagnose.probing.job import GIVE_WAY

POLITE = 10  # so that the TUI responds to keys while every core trains


def main() -> None:
    """Import what the probes need, the slowest first, and serve."""
    if GIVE_WAY in sys.argv:
        _give_way()
    gc.disable()  # imports make a million objects and no garbage: a sixth of their time
    from diagnose.probing.light import import_torchvision

    import_torchvision()
    from diagnose.probing.serving import serve

    gc.enable()
    serve(sys.argv[1])


def _give_way() -> None:
    """Let other programs run first. Linux weighs a session as a whole before its processes, and this process has one of
    its own."""
    if hasattr(os, "nice"):
        os.nice(POLITE)
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write(str(POLITE))


if __name__ == "__main__":
    main()
