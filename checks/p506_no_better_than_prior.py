"""Training as configured learns nothing beyond the class frequencies.

What it looks for: probe runs of the configuration whose accuracy is indistinguishable from the majority-class baseline,
while the reference recipe on the same architecture and weights is clearly better, and no learning rate that was tried
learned more than the labels' frequencies. Without such a reference, where another rate learns, or where layers are
frozen, it is not examined: that may simply be slow in a short run.

Why it matters: something in the configuration keeps the model from learning, and more epochs don't fix it.

Example: everything frozen, head included; inputs scaled to nothing.

Fix: look at the findings on normalisation and configuration first; then overfit a single batch.

Source: the prior baseline of Karpathy's "A recipe for training neural networks"; Wilson's interval for
each run.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, ProbeRun, Severity

REFERENCES = ("scratch", "pretrained")


def judge(evidence: Evidence) -> Iterator[Finding]:
    probes = evidence.probes
    runs = probes.of("suggested") or probes.of("configured")
    if not runs:
        raise NotExamined("no probe of the configuration was run")
    if evidence.configuration and evidence.configuration.frozen.value:
        raise NotExamined("frozen layers leave little to train, which a few dozen steps do not move far")
    tested = probes.learning_rate
    if tested is None or tested.some_rate_learns is None:
        raise NotExamined("the search for the learning rate did not end, so a slow rate may be all there is to it")
    if tested.some_rate_learns:
        return
    references = [
        run
        for run in probes.runs
        if run.arm in REFERENCES and (run.arch, run.weights) == (runs[0].arch, runs[0].weights)
    ]
    if not references or not all(_above(run, probes.prior) for run in references):
        raise NotExamined("no reference run on the same weights got past the prior in the time there was")
    if not any(_above(run, probes.prior) for run in runs):
        best = max((run.val_accuracy or 0.0) for run in runs)
        reference = max((run.val_accuracy or 0.0) for run in references)
        yield Finding(
            Severity.WARNING,
            summary=f"As configured the model gets to {best:.0%}, no better than always answering the largest class "
            f"({probes.prior:.0%}); the reference recipe gets to {reference:.0%} in the same steps.",
            fix="Fix the findings on normalisation and configuration first; then overfit a single batch.",
            measured={"accuracy": best, "prior": probes.prior, "reference": reference, "runs": len(runs)},
            confidence=Confidence.SHOWN if len(runs) >= 6 else Confidence.INDICATED,
        )


def _above(run: ProbeRun, prior: float) -> bool:
    return run.interval is not None and run.interval.low > prior


CHECK = Check("P506", "no-better-than-prior", needs=("probes",), judge=judge)
