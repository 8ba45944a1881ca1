"""A resume that restores the network and forgets the rest of the training.

What it looks for: a program that saves checkpoints and resumes from them (the checkpoint's epoch sets where the loop
starts, the optimizer is restored beside the network, or an option such as --resume leads there) and does not load the
state of the optimizer, the schedule or the gradient scaler, or starts the count of epochs again. Loading weights to
fine-tune or evaluate is left alone. In Keras a tf.train.Checkpoint that is restored from its latest state and holds the
network without the optimizer that the loop applies.

Why it matters: without its moments the optimizer takes poor first steps after a resume, and the loss jumps. A
schedule that starts again raises the learning rate to its first value in the middle of the run.

Example: model.load_state_dict(checkpoint["model"]); start_epoch = checkpoint["epoch"] + 1, and nothing for the
optimizer.

Fix: save and load all of them: optimizer.load_state_dict(checkpoint["optimizer"]), and so for the schedule.

When it is wrong: where the optimizer is meant to start again, such as in a second phase with another learning rate.

Source: PyTorch's tutorial on saving a general checkpoint: "you must save more than just the model's state_dict".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, ResumeIncomplete, Severity

NAMES = {"optimizer": "the optimizer", "schedule": "the learning-rate schedule", "scaler": "the gradient scaler",
         "epoch": "the epoch"}  # fmt: skip
WHY = {"optimizer": "its moments start from zero, and the loss jumps",
       "schedule": "the learning rate starts again from its first value",
       "scaler": "the first steps may be skipped until the scale fits again",
       "epoch": "the run trains all epochs again"}  # fmt: skip


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(ResumeIncomplete):
        lacking = [NAMES[name] for name in seen.missing]
        unsaved = [NAMES[name] for name in seen.missing if name not in seen.saved]
        save = f"Save the state of {_listed(unsaved)} in the checkpoint, and load it here. " if unsaved else ""
        load = f"Load the state of {_listed(lacking)} from the checkpoint here." if not unsaved else ""
        yield Finding(
            Severity.INFO if seen.missing == ("scaler",) else Severity.WARNING,
            summary=f"Resuming restores the network and not {_listed(lacking)}: {WHY[seen.missing[0]]}.",
            fix=(save or load).strip(),
            measured={"missing": list(seen.missing), "saved": list(seen.saved)},
            location=seen.location,
            confidence=Confidence.LIKELY if seen.named else Confidence.CERTAIN,
            rewrites=("restore-optimizer",),
        )


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


CHECK = Check("C333", "resume-incomplete", needs=("program",), judge=judge)
