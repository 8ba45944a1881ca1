"""What a change gained in paired probes, as one sentence: verified, not decided, or a loss."""

from __future__ import annotations

from diagnose.model import Attribution
from diagnose.report.waterfall import points

GAINS, LOSES, OPEN = "gains", "loses", "open"


def verified(told: Attribution) -> tuple[str, str]:
    """The sentence, and how it went: gains, loses or open. told: from the configuration as it is to the changed one."""
    gain = told.whole
    span = f"{points(gain)} points of held-out accuracy, from {told.start:.1%} to {told.goal:.1%}"
    sure = f"({gain.seeds} paired seeds, {gain.images} held-out images)"
    if not gain.interval.excludes_zero:
        return f"Not decided: {span} {sure}.", OPEN
    if gain.difference > 0:
        return f"Verified, {gain.confidence}: the change gains {span} {sure}.", GAINS
    return f"The change loses: {span} {sure}.", LOSES
