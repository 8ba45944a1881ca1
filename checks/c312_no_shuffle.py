"""Training images in the same order in every epoch.

What it looks for: a training loader that does not shuffle and has no sampler that draws. It is an error where the
images are known to come class by class, as from a folder, and a warning where their order is not known.

Why it matters: folders are read class by class, so that every batch holds one class alone; the network forgets each
class while it learns the next, and batch norm's statistics follow the class. Where the images lie in another order (a
table, a subset drawn at random, CIFAR-10) the same batches come again in every epoch, which costs less: a warning.

When it is wrong: the order is taken to be by class only for folders of classes that a library lists.

Example: DataLoader(train_set, batch_size=32), whose shuffle is False by default.

Fix: shuffle=True for the training loader (not for validation).

Source: torch.utils.data.DataLoader; Bengio 2012, "Practical recommendations", 3.1: order of examples.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    shuffle = evidence.config.shuffle
    if shuffle.value is not False:
        return
    program = evidence.code
    by_class = program is None or program.class_by_class is True  # a configuration is for the folder that is given
    yield Finding(
        Severity.ERROR if by_class else Severity.WARNING,
        summary="The training images are not shuffled, and lie one class after the other."
        if by_class
        else "The training images come in the same order in every epoch: nothing shuffles them.",
        fix="Set shuffle=True for the training loader.",
        measured={"shuffle": False},
        location=shuffle.location,
        changes={"shuffle": True},
    )


CHECK = Check("C312", "no-shuffle", needs=("config.shuffle",), judge=judge)
