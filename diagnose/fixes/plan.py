"""From findings to patches: which can be written, alone and together.

A patch is only offered once the changed files have been read again: the finding is gone, none as severe has replaced
it, and only the fields that the fix is about have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from diagnose.config.read import read_configuration
from diagnose.fixes.draft import CannotEdit, Draft, Edit, script_of
from diagnose.fixes.edit import as_settings, changed_fields, edits
from diagnose.fixes.place import Place
from diagnose.fixes.rewrites import AT_ENTRY, REWRITES, TOUCHED
from diagnose.model import Config, Diagnosis, Evidence, Finding, InputError, in_order
from diagnose.registry import load_checks
from diagnose.training.program import Reading

# What a fix may uncover: pretrained weights want their own preprocessing, which random ones did not.
UNCOVERED = {"C301": "N203"}

Found = Mapping[str, Finding]  # by fingerprint


def patches(
    config: str, diagnosis: Diagnosis, fixed: frozenset[str] = frozenset()
) -> dict[str, tuple[Edit, ...] | str]:
    """For each finding that may be fixed in the files, by fingerprint: its edits, or why there are none. fixed: of
    what has been fixed before."""
    made: dict[str, tuple[Edit, ...] | str] = {}
    for finding in diagnosis.findings:
        if (finding.changes or finding.rewrites) and finding.fingerprint not in fixed:
            try:
                made[finding.fingerprint] = patch(config, finding, diagnosis.evidence)
            except (CannotEdit, InputError) as fault:
                made[finding.fingerprint] = str(fault)
    return made


def readable(made: Mapping[str, tuple[Edit, ...] | str]) -> dict[str, str]:
    """The patches of `patches` as unified diffs, without those that could not be made."""
    return {mark: "".join(edit.diff for edit in edits) for mark, edits in made.items() if not isinstance(edits, str)}


def patch(config: str, finding: Finding, evidence: Evidence) -> tuple[Edit, ...]:
    """The edits that fix one finding. Raises CannotEdit, and InputError where the configuration cannot be read."""
    with Draft(config) as draft:
        _fix(draft, finding, evidence)
        return draft.edits


def fix_all(draft: Draft, diagnosis: Diagnosis, fixed: frozenset[str] = frozenset()) -> dict[str, str]:
    """Fixes what it can in the draft: causes, then what is still there of their consequences and what came up
    meanwhile. fixed: fingerprints of what has been fixed before. Returns by code why the rest is left."""
    left: dict[str, str] = {}
    tried = set(fixed)
    _, before = _read(draft, diagnosis.evidence)

    def fix(finding: Finding) -> None:
        tried.add(finding.fingerprint)
        if not (finding.changes or finding.rewrites):
            left[finding.code] = finding.fix
            return
        try:
            _fix(draft, finding, diagnosis.evidence)
        except (CannotEdit, InputError) as fault:
            left[finding.code] = f"{fault}; {finding.fix}"

    for finding in diagnosis.findings:
        if not finding.because_of and finding.fingerprint not in fixed:
            fix(finding)
    still = _read(draft, diagnosis.evidence)[1]
    while new := [one for mark, one in still.items() if mark not in tried and not one.because_of]:
        fix(new[0])
        still = _read(draft, diagnosis.evidence)[1]
    left |= {one.code: one.fix for one in still.values() if one.because_of}
    went = {finding.code for mark, finding in before.items() if mark not in still}  # with another one, perhaps
    return {code: why for code, why in left.items() if code not in went or code in {f.code for f in still.values()}}


def found_in(config: str, evidence: Evidence) -> frozenset[str]:
    """Fingerprints of what the checks find in the configuration as it is now, without what probes measured before.
    Raises InputError where it cannot be read."""
    with Draft(config) as draft:
        return frozenset(_read(draft, evidence)[1])


def is_gone(finding: Finding, evidence: Evidence, config: str, changes: Mapping[str, Any]) -> bool:
    """Whether the finding's check finds it no more where the configuration says `changes`. What probes measured of
    the old values is left out. Raises InputError where the configuration cannot be read."""
    reading = read_configuration(config, as_settings(changes))
    _, _, found = load_checks()[finding.code].run(_changed(evidence, reading))
    return all(one.fingerprint != finding.fingerprint for one in found)


def _changed(evidence: Evidence, reading: Reading) -> Evidence:
    """The evidence with another configuration, and so without what probes measured of the old one."""
    return Evidence(evidence.dataset, reading.config, None, evidence.absent, reading.program, evidence.own)


def _read(draft: Draft, evidence: Evidence) -> tuple[Config, Found]:
    """The draft's configuration and what the checks find in it, without what probes measured of the old one."""
    reading = read_configuration(draft.given)
    changed = _changed(evidence, reading)
    found = (finding for check in load_checks().values() for finding in check.run(changed)[2])
    return reading.config, {finding.fingerprint: finding for finding in in_order(found, changed)}


def _fix(draft: Draft, finding: Finding, evidence: Evidence) -> None:
    """Changes the draft so that the finding is gone. Raises CannotEdit, and leaves it as it was, where that fails."""
    config, before = _read(draft, evidence)
    if finding.fingerprint in before:  # its line may have moved
        finding = replace(finding, location=before[finding.fingerprint].location)
    kept, whys = draft.texts, []
    for attempt in _attempts(draft, finding):
        try:
            fields = attempt()
            after, found = _read(draft, evidence)
            uncovered = UNCOVERED.get(finding.code)
            if finding.fingerprint in found:
                raise CannotEdit("the fault would still be there")
            new = [one for mark, one in found.items() if mark not in before and one.code != uncovered]
            if kept_on := [one.code for mark, one in found.items() if _follows(before.get(mark), finding)]:
                raise CannotEdit(f"{kept_on[0]}, which follows from it, would still be there")
            if worse := [one.code for one in new if one.severity.rank <= finding.severity.rank]:
                raise CannotEdit(f"{worse[0]} would come in its place")
            if other := [name for name in changed_fields(config, after) if name not in fields]:
                raise CannotEdit(f"{other[0]} would change as well")
        except (CannotEdit, InputError) as fault:
            whys.append(str(fault))
            draft.restore(kept)
        else:
            return
    raise CannotEdit(whys[0] if whys else "no safe change of the program was found")


def _follows(finding: Finding | None, cause: Finding) -> bool:
    """Whether a finding is a consequence as grave as its cause."""
    return (
        finding is not None and finding.because_of == cause.fingerprint and finding.severity.rank <= cause.severity.rank
    )


def _attempts(draft: Draft, finding: Finding) -> Iterator[Callable[[], frozenset[str]]]:
    """Functions that change the draft, each in one way, and return the fields that may change with it."""
    if finding.changes:

        def by_values() -> frozenset[str]:
            for edit in edits(draft.given, finding.changes):
                draft.put(edit.path, edit.after)
            return frozenset((*finding.changes, "method"))  # which follows the weights

        yield by_values
    for name in finding.rewrites:
        path = draft.entry if name in AT_ENTRY or finding.location is None else Path(finding.location.file)
        line = finding.location.line if finding.location else None
        if path.suffix.lower() != ".py" or line is None:
            continue
        place = Place(script_of(draft.text(path)), line, finding.changes)
        for text in REWRITES[name](place):

            def by_text(text: str = text, name: str = name, path: Path = path) -> frozenset[str]:
                draft.put(path, text)
                return frozenset((*finding.changes, *TOUCHED.get(name, ())))

            yield by_text
