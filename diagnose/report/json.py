"""The Diagnosis as JSON, `schema_version` 2: the contract that other programs rely on."""

from __future__ import annotations

import json
import math
from typing import Any

from diagnose.model import Diagnosis
from diagnose.report.next_step import next_step
from diagnose.report.response.report import Report
from diagnose.report.subject import Subject


def render_json(diagnosis: Diagnosis, subject: Subject | None = None) -> str:
    """One JSON object, indented, with a newline at its end. subject: what was examined, which `next` names."""
    return written(as_record(diagnosis, subject or Subject()))


def as_record(diagnosis: Diagnosis, subject: Subject) -> dict[str, Any]:
    """The report in values that JSON has. NaN and infinity, which it lacks, are None."""
    report = Report.model_validate(diagnosis).model_copy(update={"next": next_step(diagnosis, subject)})
    record: dict[str, Any] = _finite(report.model_dump(mode="json", by_alias=True, fallback=dict))
    return record


def written(record: dict[str, Any]) -> str:
    """The text of a report."""
    return json.dumps(record, indent=2, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
