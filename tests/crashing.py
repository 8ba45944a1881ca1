"""A decoder that takes its whole process down on one file; a module, so that worker processes can import it."""

import os

from diagnose.dataset.image import Measure, measure_all


def measure_or_crash(places: list[tuple[str, str | None]]) -> list[Measure]:
    if any(path.endswith("crash.png") for path, _ in places):
        os._exit(11)
    return measure_all(places)
