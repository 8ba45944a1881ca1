"""The JSON report in `schema_version` 1, made from that of version 2: for programs that were written for it."""

from __future__ import annotations

from typing import Any

from diagnose.model import Diagnosis
from diagnose.report.json import as_record, written
from diagnose.report.subject import Subject

# The parts in which version 1 writes an interval as a pair.
PAIRS = ("probes", "comparison", "learning_rate", "attribution", "forecast", "frozen_features", "tuning", "history")
# Fields of a setting and a check that version 1 leaves out where they say nothing.
LEFT_OUT = (("observed", False), ("cell", None), ("why", ""), ("why", None))


def render_json1(diagnosis: Diagnosis) -> str:
    """One JSON object in version 1, indented, with a newline at its end."""
    return written(version_1(as_record(diagnosis, Subject())))


def version_1(record: dict[str, Any]) -> dict[str, Any]:
    """What version 1 makes of a report in version 2."""
    old = {**record, "schema_version": 1} | {part: _pairs(record[part]) for part in PAIRS}
    del old["next"]
    if record["config"]:
        old["config"] = {name: _without_empty(setting) for name, setting in record["config"].items()}
    old["checks"] = [_without_empty(check) for check in record["checks"]]
    old["not_examined"] = [{"code": gap["code"], "why": gap["why"]} for gap in record["not_examined"]]
    return old | {part: _without_cell(record[part]) for part in ("findings", "against")}


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if (name, value) not in LEFT_OUT}


def _pairs(value: Any) -> Any:
    """The same with [low, high] for each interval."""
    if isinstance(value, list):
        return [_pairs(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"low", "high"}:
        return [value["low"], value["high"]]
    return {name: _pairs(item) for name, item in value.items()}


def _without_cell(value: Any) -> Any:
    """The same with locations that name a cell only where there is one."""
    if isinstance(value, list):
        return [_without_cell(item) for item in value]
    if not isinstance(value, dict):
        return value
    place = value.keys() == {"file", "line", "cell"} and value["cell"] is None
    return {name: _without_cell(item) for name, item in value.items() if not (place and name == "cell")}
