"""What a change gained in paired probes, as one sentence: verified, not decided, or a loss."""

from __future__ import annotations

from diagnose.model import Attribution, Diagnosis
from diagnose.probing.recipe import FACTORS
from diagnose.report.waterfall import points

GAINS, LOSES, OPEN = "gains", "loses", "open"


def verified(attribution: Attribution) -> tuple[str, str]:
    """The sentence, and how it went: gains, loses or open. attribution: from the configuration as it is to the changed
    one."""
    gain = attribution.whole
    span = f"{points(gain)} points of validation accuracy, from {attribution.start:.1%} to {attribution.goal:.1%}"
    sure = f"({gain.seeds} paired seeds, {gain.images} validation images)"
    if not gain.interval.excludes_zero:
        return f"Not decided: {span} {sure}.", OPEN
    if gain.difference > 0:
        return f"Verified, {gain.confidence}: the change gains {span} {sure}.", GAINS
    return f"The change loses: {span} {sure}.", LOSES


def gained(compared: Diagnosis) -> str:
    """What a comparison with the changed configuration shows, as a sentence: the gain, or why there is none."""
    measured = compared.evidence.measured
    return verified(measured.attribution)[0] if measured and measured.attribution else unmeasured(compared)


def unmeasured(diagnosis: Diagnosis) -> str:
    """Why a comparison with the changed configuration has measured no gain."""
    failed = next((gap.why for gap in diagnosis.not_examined if gap.failed and gap.code == "probes"), None)
    if failed is not None:
        why = failed
    elif diagnosis.evidence.dataset is None:
        why = "no images were given"
    elif diagnosis.contrast and any(one.factor in FACTORS for one in diagnosis.contrast.differences):
        why = "the time was too short for two pairs of runs"
    else:
        why = "short probes cannot resolve this change"
    return f"Not measured: {why.removesuffix('.')}."
