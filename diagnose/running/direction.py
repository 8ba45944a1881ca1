"""Whether a value that is watched should rise or fall: by its name, or as the accuracy that answers give."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

RISING = r"acc|accuracy|auc|auroc|f1|f1_?score|precision|recall|kappa|top_?[15]|map|iou|mcc|balanced"
FALLING = r"loss|err|error|nll|bce|mse|mae|perplexity"
WORD = r"(?:^|[\W_])(?:{})(?:$|[\W_]|\d)"
NEAR = 1e-5


def wrong_way(name: str, falls: bool) -> bool:
    """Whether something of this name is taken for what falls (or rises) as the network gets better, and does not."""
    rising, falling = (re.search(WORD.format(words), name, re.IGNORECASE) for words in (RISING, FALLING))
    if bool(rising) == bool(falling):
        return False
    return bool(rising) == falls


def is_accuracy(value: float, answers: Sequence[int], images: int | None) -> bool:
    """Whether a number is the accuracy of these answers (1 for right), in any of the usual forms. images: in the whole
    split, by which a program divides where it was given a part of them."""
    if len(answers) < 2 or sum(answers) == 0:
        return False
    shares = [sum(answers) / count for count in (len(answers), images) if count]
    return any(math.isclose(value, factor * share, rel_tol=NEAR) for share in shares for factor in (1.0, 100.0))
