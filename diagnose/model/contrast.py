"""Two configurations side by side: in what they differ, what each difference is expected to do, and what it did."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.basics import Location
from diagnose.model.finding import Finding


@dataclass(frozen=True)
class Difference:
    """One factor in which two configurations differ, as each writes it.

    effect: what published experiments lead one to expect of it; what probes measure of it is in the attribution.
    """

    factor: str
    this: str
    other: str
    effect: str
    this_at: Location | None = None
    other_at: Location | None = None


MANY_UNKNOWN = 4  # factors that were not compared, from which on nothing is said of all the others


@dataclass(frozen=True)
class Contrast:
    """A against B. differences: the weightiest first. not_compared: factors that one of them leaves unknown, and why.

    faults_here: findings on A that B does not have, and the reverse.
    """

    this: str
    other: str
    differences: tuple[Difference, ...]
    chance: bool  # whether the two differ in what they draw at random
    alike: tuple[str, ...] = ()
    not_compared: tuple[tuple[str, str], ...] = ()
    faults_here: tuple[Finding, ...] = ()
    faults_there: tuple[Finding, ...] = ()
    shared_myth: str = ""  # what both have in common although their names say otherwise
    conventions: tuple[tuple[str, str, str], ...] = ()  # (what, Keras, PyTorch) where the frameworks differ

    @property
    def verdict(self) -> str:
        """The comparison in one sentence."""
        factors = [difference.factor for difference in self.differences] + (["chance"] if self.chance else [])
        if not factors:
            return "They do not differ in anything that was compared."
        listed = factors[0] if len(factors) == 1 else f"{', '.join(factors[:-1])} and {factors[-1]}"
        only = "nothing but " if len(factors) <= 4 and len(self.not_compared) < MANY_UNKNOWN else ""
        sentence = f"They differ in {only}{listed}."
        if len(self.not_compared) >= MANY_UNKNOWN:
            sentence += f" {len(self.not_compared)} more factors are not known of both, and were not compared."
        return f"{sentence} {self.shared_myth}".strip()
