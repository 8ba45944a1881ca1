"""How well wrong labels come first, against cleanlab on the same features.

    python tests/benchmarks/label_errors.py FOLDER LABELS.csv OUT.npz

FOLDER holds the images; LABELS.csv names them: path, label (right), human_label (as a person gave it). The features
are the stand-in's at 64 px; OUT.npz keeps them and the predictions, and is read where it is there. Printed: the average
precision of wrong labels by the probability that a probe which never saw an image gives its label, as suspects are
ranked, and by cleanlab's scores of the same predictions where cleanlab is installed.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import torch

from diagnose.probing.features import embed, out_of_sample
from diagnose.probing.images import load
from diagnose.probing.weights import build, find_weights

SIDE, PIECE = 64, 512
METHODS = (("self_confidence", False), ("self_confidence", True), ("normalized_margin", False),
           ("normalized_margin", True), ("confidence_weighted_entropy", False))  # fmt: skip


def features(folder: Path, paths: list[str]) -> torch.Tensor:
    """What the frozen stand-in makes of the images, (N, D)."""
    weights = find_weights("auto", "resnet50", True, print)
    assert weights is not None
    model = build(weights.arch, 10, weights, 0)
    pieces = [paths[begin : begin + PIECE] for begin in range(0, len(paths), PIECE)]
    return torch.cat([embed(model, load([str(folder / one) for one in piece], SIDE)) for piece in pieces])


def average_precision(wrong: np.ndarray, score: np.ndarray) -> float:
    """Of wrong labels (N,), bool, in the order of falling scores."""
    found = wrong[np.argsort(-score, kind="stable")]
    return float((np.cumsum(found)[found] / (np.nonzero(found)[0] + 1)).mean())


def main() -> int:
    folder, listed, kept = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    with listed.open() as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["label"] for row in rows})
    right, given = (np.array([names.index(row[column]) for row in rows]) for column in ("label", "human_label"))
    if not kept.exists():
        found = features(folder, [row["path"] for row in rows])
        told = out_of_sample(found, torch.tensor(given), len(names))
        np.savez(kept, features=found.half().numpy(), told=told.numpy())
    told = np.load(kept)["told"].astype(np.float64)
    told /= told.sum(1, keepdims=True)
    wrong = right != given
    print(f"{len(rows)} images, {wrong.mean():.1%} with a wrong label")
    print(f"ranked by the label's own probability: {average_precision(wrong, -told[np.arange(len(rows)), given]):.4f}")
    try:
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        return 0
    for method, adjusted in METHODS:
        scores = get_label_quality_scores(given, told, method=method, adjust_pred_probs=adjusted)
        print(f"cleanlab, {method}{', adjusted' if adjusted else ''}: {average_precision(wrong, -scores):.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
