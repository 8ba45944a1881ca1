"""What is known already: the findings of an earlier JSON report, which need not fail a run again."""

from __future__ import annotations

import json
from collections.abc import Set
from pathlib import Path

from diagnose.model import InputError


def known_findings(path: str | None) -> Set[str]:
    """The fingerprints in a report that `--output FILE.json` wrote. Raises InputError for any other file."""
    if path is None:
        return frozenset()
    try:
        report = json.loads(Path(path).read_text(encoding="utf-8"))
        return frozenset(str(finding["fingerprint"]) for finding in report["findings"])
    except OSError as fault:
        why = f"cannot be read ({fault.strerror})"
    except (ValueError, KeyError, TypeError):
        why = "isn't a JSON report of diagnose"
    raise InputError(f"--baseline {path} {why}: make one with --output {path} --format json.")
