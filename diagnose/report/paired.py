"""Two arms seed by seed: where each of a pair ended, on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from diagnose.model import ProbeRun

FIRST, SECOND = "○", "●"  # of the first arm and the second; the same place is the second's
WIDTH = 50  # columns of the scale
MARGIN = 0.02  # of the accuracy, on both sides of the scale


def paired_lines(runs: Sequence[ProbeRun], first: str, second: str) -> Iterator[Text]:
    """A line for each seed that both arms ended, with the scale above; nothing before there is one."""
    reached = {(run.arm, run.seed): run.val_accuracy for run in runs if run.val_accuracy is not None}
    pairs = {
        seed: (one, other)
        for (arm, seed), one in reached.items()
        if arm == first and (other := reached.get((second, seed))) is not None
    }
    if not pairs:
        return
    low = max(0.0, min(map(min, pairs.values())) - MARGIN)
    high = min(1.0, max(map(max, pairs.values())) + MARGIN)
    yield Text.assemble(f"{FIRST} {first}  {SECOND} {second}", (", validation accuracy", "dim"))
    yield Text(f"{'':9}{f'{low:.0%}':<{WIDTH // 2}}{f'{high:.0%}':>{WIDTH - WIDTH // 2}}", "dim")
    for seed, (one, other) in sorted(pairs.items()):
        at, then = (round((value - low) / (high - low) * (WIDTH - 1)) for value in (one, other))
        line = [" "] * WIDTH
        for place in range(min(at, then), max(at, then)):
            line[place] = "─"
        line[at], line[then] = FIRST, SECOND
        style = "green" if other > one else "red" if other < one else ""
        change = f"{one:.1%} → {other:.1%}  {100 * (other - one):+.1f} points"
        yield Text.assemble(f"seed {seed:<4}", ("".join(line), style), f"  {change}")
