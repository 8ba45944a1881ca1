"""diagnose: why an image classifier trains badly, said before the full training run is paid for.

`inspect`, `probe` and `diagnose` are the command line for Python programs (see diagnose.api); `render` makes a report.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from diagnose.api import Run, WatchCallback, diagnose, inspect, probe, watch
    from diagnose.events import Event
    from diagnose.model import Diagnosis, Finding, InputError, NotExamined, Probes, Severity
    from diagnose.report import render
    from diagnose.running.watch import TrainingFault, Watch

_PLACES = {
    **dict.fromkeys(("Run", "WatchCallback", "diagnose", "inspect", "probe", "watch"), "diagnose.api"),
    **dict.fromkeys(("Diagnosis", "Finding", "InputError", "NotExamined", "Probes", "Severity"), "diagnose.model"),
    **dict.fromkeys(("TrainingFault", "Watch"), "diagnose.running.watch"),
    "Event": "diagnose.events",
    "render": "diagnose.report",
}

__all__ = (
    "Diagnosis",
    "Event",
    "Finding",
    "InputError",
    "NotExamined",
    "Probes",
    "Run",
    "Severity",
    "TrainingFault",
    "Watch",
    "WatchCallback",
    "__version__",
    "diagnose",
    "inspect",
    "probe",
    "render",
    "watch",
)


def __getattr__(name: str) -> Any:
    """Imports what is asked for when it is asked for, so that the command line starts light."""
    if name in _PLACES:
        from importlib import import_module

        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'diagnose' has no attribute {name!r}")
