"""What --tune makes of a planted rate and of a healthy recipe.

    python tests/benchmarks/tuning.py [BUDGET] [CONFIG ...]      (pip install 'diagnose-training[tune]')

Each configuration, sample_data/rate_too_high.yaml and sample_data/healthy.yaml where none is given, is tuned on
sample_data/photos for BUDGET (4m where it is not given), offline and without earlier results. A row each: how many
recipes were tried, the steps of the longest trainings, what the best changes, and its gain in accuracy on new seeds and
other validation images. Below the table stands the sentence that a person reads.
"""

from __future__ import annotations

import sys
from pathlib import Path

import diagnose
from diagnose.report.tuned import tuned_line
from diagnose.report.waterfall import points

SAMPLES = Path(__file__).parents[2] / "sample_data"
CONFIGURATIONS = (SAMPLES / "rate_too_high.yaml", SAMPLES / "healthy.yaml")


def main(budget: str = "4m", *given: str) -> None:
    sentences = []
    print("| configuration | recipes | steps | changes | points | new seeds | better | time of the run, s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for config in [*map(Path, given)] or CONFIGURATIONS:
        run = diagnose.diagnose(SAMPLES / "photos", config, tune=True, budget=budget, offline=True, resume=False)
        told = run.diagnosis.tuning
        if told is None:
            why = "; ".join(gap.why for gap in run.diagnosis.not_examined if gap.failed)
            print(f"| {config.stem} | {why} |", flush=True)
            continue
        changes = "; ".join(f"{one.factor} {one.before} → {one.after}" for one in told.changes) or "none"
        gain, seeds = (points(told.gain), told.gain.seeds) if told.gain else ("-", 0)
        better = "yes" if told.better else "no"
        print(
            f"| {config.stem} | {len(told.tried)} | {told.steps} | {changes} | {gain} | {seeds} | {better} | "
            f"{run.diagnosis.seconds:.0f} |",
            flush=True,
        )
        sentences.append(f"{config.stem}: {tuned_line(told)}")
    print("\n" + "\n".join(sentences))


if __name__ == "__main__":
    main(*sys.argv[1:])
