"""From findings to patches: which can be written, alone and together, and whether they would be gone with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnose.config.edit import CannotEdit, Edit, as_settings, edits
from diagnose.config.read import read_configuration
from diagnose.model import Diagnosis, Evidence, Finding, InputError
from diagnose.registry import load_checks


def patches(config: str, diagnosis: Diagnosis) -> dict[str, tuple[Edit, ...] | str]:
    """For each finding whose fix sets fields, by fingerprint: its edits, or why there are none."""
    made: dict[str, tuple[Edit, ...] | str] = {}
    for finding in diagnosis.findings:
        if finding.changes:
            try:
                made[finding.fingerprint] = edits(config, finding.changes)
            except (CannotEdit, InputError) as fault:
                made[finding.fingerprint] = str(fault)
    return made


def whole_patch(config: str, diagnosis: Diagnosis) -> tuple[tuple[Edit, ...], dict[str, str]]:
    """All that can be mended in one patch, the gravest finding first, and by code why the rest is left.

    Of two findings that want other values of one field, the graver one gets it.
    """
    left = {finding.code: finding.fix for finding in diagnosis.findings if not finding.changes}
    taken: dict[str, Any] = {}
    made: tuple[Edit, ...] = ()
    for finding in diagnosis.findings:
        if not finding.changes:
            continue
        try:
            made = edits(config, {**finding.changes, **taken})
        except (CannotEdit, InputError) as fault:
            left[finding.code] = f"{fault}; {finding.fix}"
        else:
            taken = {**finding.changes, **taken}
    return made, left


def is_gone(finding: Finding, evidence: Evidence, config: str, changes: Mapping[str, Any]) -> bool:
    """Whether the finding's check finds it no more where the configuration says `changes`. What probes measured of
    the old values is left out. Raises InputError where the configuration cannot be read."""
    reading = read_configuration(config, as_settings(changes))
    changed = Evidence(evidence.dataset, reading.config, None, evidence.absent, reading.program, evidence.own)
    _, _, found = load_checks()[finding.code].run(changed)
    return all(one.fingerprint != finding.fingerprint for one in found)
