"""The gap in accuracy as a waterfall: a bar for each factor from where the last one ended, then the remainder."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from diagnose.model import BEST_KNOWN, Attribution, Confidence, Interval, Paired, printable

BAR = 20  # characters of the widest bar
REMAINDER = "what no single factor explains"


def waterfall(attribution: Attribution) -> Table:
    """A row per factor: what changes, its share of the gap as a bar, its points with their interval, and the word."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(overflow="fold", ratio=3)
    table.add_column(no_wrap=True, width=BAR)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True)
    steps = [(part.factor, part.gain) for part in attribution.parts]
    if len(attribution.parts) > 1:
        steps.append(("remainder", attribution.remainder))
    reached, levels = attribution.start, [attribution.start, attribution.goal]
    for _, gain in steps:
        reached += gain.difference
        levels.append(reached)
    low, high = min(levels), max(levels)
    table.add_row(Text("as configured"), _bar(low, attribution.start, low, high, "dim"), f"{attribution.start:.1%}", "")
    reached = attribution.start
    changes = {part.factor: f"{part.before} → {part.after}" for part in attribution.parts} | {"remainder": REMAINDER}
    words = {part.factor: part.confidence for part in attribution.parts}
    for name, gain in steps:
        style = "green" if gain.difference > 0 else "red"
        word = words.get(name)
        plain = word is None or word is Confidence.NOT_DECIDED
        table.add_row(
            Text.assemble((name, "bold" if word else ""), (f"  {printable(changes.get(name, ''))}", "dim")),
            _bar(reached, reached + gain.difference, low, high, "dim" if plain else style),
            points(gain),
            str(word or ""),
        )
        reached += gain.difference
    table.add_row(
        Text(attribution.towards), _bar(low, attribution.goal, low, high, "dim"), f"{attribution.goal:.1%}", ""
    )
    return table


def waterfall_line(attribution: Attribution) -> str:
    """The whole of it in one sentence."""
    whole, seeds = attribution.whole, attribution.whole.seeds
    if not whole.interval.excludes_zero:
        return f"From the configuration to {_towards(attribution)}: {points(whole)}, not decided ({seeds} seeds)."
    known = [part for part in attribution.parts if part.confidence is not Confidence.NOT_DECIDED]
    if not known:
        return f"Of the gap of {points(whole)}, no single factor is decided ({seeds} seeds)."
    first, *others = known
    told_parts = [f"{first.factor} explains {points(first.gain)}", *(f"{p.factor} {points(p.gain)}" for p in others)]
    gap = f"the gap of {points(whole)} points after equally short training"
    return f"Of {gap}, {', '.join(told_parts)} ({seeds} seeds)."


def _towards(attribution: Attribution) -> str:
    return "the best known set-up" if attribution.towards == BEST_KNOWN else attribution.towards


def points(gain: Paired) -> str:
    """Points with their interval."""
    return f"{100 * gain.difference:+.1f} {_span(gain.interval)}"


def _span(interval: Interval) -> str:
    return f"[{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]"


def _bar(start: float, end: float, low: float, high: float, style: str) -> Text:
    width = max(high - low, 1e-9)
    first, last = sorted(round(BAR * (value - low) / width) for value in (start, end))
    return Text(" " * first + "█" * max(1 if start != end else 0, last - first), style)
