"""Validation in training mode, training in evaluation mode, or validation that keeps gradients.

What it looks for: the network is called on validation images while it was last put in training mode (where it has batch
norm or dropout); eval() inside the epochs while train() is only called before them; validation outside of
torch.no_grad.

Why it matters: in training mode batch norm uses each batch's own statistics (and learns from the validation images) and
dropout drops: the measured accuracy is not the model's. In evaluation mode neither batch norm's statistics nor dropout
work as in training. Kept gradients only cost memory and time.

Example: a validation loop without model.eval().

Fix: model.eval() and torch.no_grad() before validation, model.train() at the start of each epoch.

Source: torch.nn.Module.eval; BatchNorm's documentation on running statistics.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Act, Check, Evidence, Finding, Program, Severity, TrainModeNotRestored

LASTS = {
    "epoch": (
        "eval() is called in every epoch and train() is not: from the second epoch on it trains in evaluation mode.",
        "Call model.train() at the start of each epoch.",
    ),
    "batch": (
        "eval() is called between batches and train() is not called after it: the rest of the epoch trains in "
        "evaluation mode.",
        "Call model.train() right after the evaluation.",
    ),
    "start": (
        "The network is put into evaluation mode before it trains, and never into training mode.",
        "Call model.train() at the start of each epoch.",
    ),
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    if program.managed_by or evidence.saw_evaluation_mode:
        return
    for acts in program.trainings():
        yield from _of_one_training(program, acts)
    restored = program.facts(TrainModeNotRestored) if program.batch_norm_or_dropout else ()
    for seen in restored:
        program.require_complete("mode")
        yield Finding(
            Severity.WARNING,
            summary=LASTS[seen.since][0],
            fix=LASTS[seen.since][1],
            location=seen.location,
            subject="training",
            rewrites=("train-in-train-mode",),
        )


def _of_one_training(program: Program, acts: tuple[Act, ...]) -> Iterator[Finding]:
    validating = [act for act in acts if act.what == "forward" and act.phase == "validation"]
    number = f" {acts[0].training + 1}" if acts and acts[0].training else ""
    wrong = [act for act in validating if act.mode == "train"]
    if wrong and program.batch_norm_or_dropout:
        yield Finding(
            Severity.ERROR,
            summary="Validation runs in training mode: model.eval() is not called before it.",
            fix="Call model.eval() before validation, and model.train() before training resumes.",
            measured={"mode": "train"},
            location=wrong[0].location,
            subject=f"validation{number}",
            rewrites=("evaluate-in-eval-mode",),
        )
    if validating and not any(act.no_grad for act in validating):
        yield Finding(
            Severity.INFO,
            summary="Validation keeps gradients that nothing uses.",
            fix="Wrap it in torch.no_grad() or torch.inference_mode(): it saves memory and time.",
            location=validating[0].location,
            subject=f"gradients{number}",
            rewrites=("without-gradients",),
        )


CHECK = Check("C311", "no-eval-mode", needs=("program",), judge=judge)
