"""A probe process without torch: ready at once, and its steps never end of themselves."""

import itertools
import sys
import time

from diagnose.events import ProbeStep
from diagnose.probing.job import Ready, encode


def say(message):
    sys.stdout.write(encode(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    say(Ready("cpu"))
    sys.stdin.readline()
    for step in itertools.count():
        say(ProbeStep("scratch", 0, step, 1.0))
        time.sleep(0.02)
