"""Questions to frozen features: are labels wrong, do the splits differ, do the labels mean anything at all?"""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from torch import Tensor

from diagnose.dataset.roc import area_under_curve
from diagnose.model import Interval, LabelsAgainstChance, SplitShift, Suspect, SuspectLabels
from diagnose.probing.clock import Clock
from diagnose.probing.features import out_of_sample
from diagnose.probing.statistics import NORMAL, wilson

# A label is suspect where a probe that never saw the image gives another class this much and the label this little.
# Confident learning's own thresholds (Northcutt et al. 2021: the mean probability of each class) flag 4 to 10% of the
# labels of clean sets whose classes overlap (Fashion-MNIST, the tuxpaint photographs); these flag 0.1 to 0.7%, up to 4%
# of two classes that are all but the same, and with labels flipped at random 75 to 95% of what they flag was flipped.
SURE, UNLIKELY = 0.9, 0.02
SUREST = 0.25  # of each predicted class
NAMED = 10  # suspects named one by one
SHUFFLES = 19  # with the real labels the 20th: beating all of them has p = 0.05
SHUFFLED = 400  # images of the shuffles
FEWEST = 8  # images of a class in a split, for the splits to be compared on it


def suspect_labels(
    features: Tensor, labels: Tensor, names: tuple[str, ...], files: tuple[str, ...]
) -> tuple[SuspectLabels, Tensor]:
    """Labels that out-of-sample predictions contradict, and those predictions (N, classes)."""
    probabilities = out_of_sample(features, labels, len(names))
    own = probabilities.gather(1, labels[:, None])[:, 0]
    others = probabilities.scatter(1, labels[:, None], 0.0)
    top, likely = others.max(1)
    suspect = (top >= SURE) & (own <= UNLIKELY)
    sure = _surest(probabilities) & (probabilities.argmax(1) != labels)
    found = torch.nonzero(suspect)[:, 0]
    surest = found[own[found].argsort()].tolist()  # the label's own probability ranks wrong ones best: label_errors.py
    worst = tuple(
        Suspect(files[i], names[int(labels[i])], names[int(likely[i])], float(top[i])) for i in surest[:NAMED]
    )
    share = wilson(int(sure.sum()), max(1, int(_surest(probabilities).sum())))
    return SuspectLabels(len(labels), len(surest), wilson(len(surest), len(labels)), share, worst), probabilities


def _surest(probabilities: Tensor) -> Tensor:
    """Whether an image is in the surest share of its predicted class (N,), bool."""
    top, predicted = probabilities.max(1)
    chosen = torch.zeros(len(probabilities), dtype=torch.bool, device=probabilities.device)
    for number in range(probabilities.shape[1]):
        own = torch.nonzero(predicted == number)[:, 0]
        chosen[own[top[own].argsort(descending=True)[: round(SUREST * len(own))]]] = True
    return chosen


def labels_against_chance(
    features: Tensor,
    labels: Tensor,
    probabilities: Tensor,
    classes: int,
    deadline: float = math.inf,
    clock: Clock = time.monotonic,
) -> LabelsAgainstChance | None:
    """A permutation test of whether the labels can be predicted from the images at all (Ojala & Garriga 2010).

    probabilities: out-of-sample predictions with the labels as they are. It ends with the first shuffle that decides:
    the best of more shuffles can only be higher. None where `deadline` came first on `clock`.
    """
    accuracy = float((probabilities.argmax(1) == labels).cpu().double().mean())
    chance = 0.0
    generator = torch.Generator().manual_seed(0)
    few = torch.randperm(len(labels), generator=generator)[:SHUFFLED].to(labels.device)
    features, labels = features[few], labels[few]
    for count in range(1, SHUFFLES + 1):
        if clock() > deadline:
            return None
        shuffled = labels[torch.randperm(len(labels), generator=generator).to(labels.device)]
        guessed = out_of_sample(features, shuffled, classes).argmax(1)
        chance = max(chance, float((guessed == shuffled).cpu().double().mean()))
        answer = LabelsAgainstChance(accuracy, chance, count, len(probabilities))
        if answer.look_random or chance < accuracy / 2:  # nothing near, if after one shuffle
            break
    return answer


def split_shift(features: Tensor, labels: Tensor, held_out: Tensor, classes: int) -> SplitShift | None:
    """A classifier two-sample test (Lopez-Paz & Oquab 2017) of training against held-out images, class by class.

    features (N, D), labels (N,), held_out (N,) bool. Both splits give each class as many images, so that different
    class proportions don't count as a shift. None where no class has enough images in both.
    """
    chosen = []
    for number in range(classes):
        inside, outside = (torch.nonzero((labels == number) & (held_out == side))[:, 0] for side in (False, True))
        count = min(len(inside), len(outside))
        if count >= FEWEST:
            chosen += [inside[:count], outside[:count]]
    if not chosen:
        return None
    index = torch.cat(chosen)
    side = held_out[index].long()
    probabilities = out_of_sample(features[index], side, 2)
    score = (probabilities[:, 1].log() - probabilities[:, 0].log()).cpu().double().numpy()
    own, held = labels[index].cpu().numpy(), side.cpu().numpy()
    areas = [area_under_curve(score[(own == n) & (held == 1)], score[(own == n) & (held == 0)]) for n in np.unique(own)]
    weights = [float((own == n).sum()) for n in np.unique(own)]
    auc = float(np.average([area for area, _ in areas], weights=weights))
    share = np.array(weights) / sum(weights)
    error = float(np.sqrt(sum(w**2 * variance for w, (_, variance) in zip(share, areas, strict=True))))
    half = NORMAL * error
    return SplitShift(auc, Interval(auc - half, auc + half), len(index))
