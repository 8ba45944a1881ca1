"""What the search for a better recipe came to: what was tried, what the best changes, and what that gains."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.intervals import Paired

SEEDS_TO_CONFIRM = 3  # new seeds, below which no gain is claimed
# A number, a word, or a row of words. A row comes first: from JSON, a list must not become a text.
TunedValue = tuple[str, ...] | float | str


@dataclass(frozen=True)
class TunedChange:
    """One change of the recipe.

    before, after: in words. fields: of the configuration, an option as "loss_options.label_smoothing", with their new
    values; lengths among the options of a schedule are shares of the run.
    """

    factor: str
    before: str
    after: str
    fields: tuple[tuple[str, TunedValue], ...]


@dataclass(frozen=True)
class TriedRecipe:
    """One recipe of the search: its changes in words, "" for the person's own, the steps of its longest training, and
    the mean held-out loss after it."""

    changes: str
    steps: int
    loss: float
    diverged: bool = False


@dataclass(frozen=True)
class Tuning:
    """A search over short paired trainings. Accuracies are 0..1.

    seconds: that it took. steps: of the longest trainings and of those that confirm; full_steps: of the configured
    run, where its length is known. changes: from the person's recipe to the best; none where nothing had a lower loss.
    start, reached: accuracies of the two on new seeds and on held-out images that had no part in the search; gain:
    their paired difference. planned: new seeds that were to be run. left_out: what was not searched, each with why.
    """

    tried: tuple[TriedRecipe, ...]
    seconds: float
    steps: int
    arch: str
    full_steps: int | None = None
    changes: tuple[TunedChange, ...] = ()
    start: float | None = None
    reached: float | None = None
    gain: Paired | None = None
    planned: int = 0
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def better(self) -> bool:
        """Whether the changes are confirmed: on enough new seeds, with an interval above zero."""
        return self.gain is not None and self.gain.seeds >= SEEDS_TO_CONFIRM and self.gain.interval.low > 0
