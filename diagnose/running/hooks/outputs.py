"""What kind of numbers a network gives, and what kind of labels it is held against."""

from __future__ import annotations

import numpy as np


def kind_of(outputs: np.ndarray) -> str:
    """probabilities, log-probabilities or logits; "" where a single column makes it unclear."""
    if outputs.ndim != 2 or outputs.shape[1] < 2 or not len(outputs) or not np.isfinite(outputs).all():
        return ""
    if outputs.min() >= 0 and np.abs(outputs.sum(axis=1) - 1).max() < 2e-3:
        return "probabilities"
    if outputs.max() <= 1e-6 and np.abs(np.log(np.exp(outputs).sum(axis=1))).max() < 2e-3:
        return "log-probabilities"
    return "logits"


def label_kind(labels: np.ndarray) -> str:
    """integers, one-hot, soft (rows that sum to 1) or floats."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 1:
        return "integers" if np.issubdtype(labels.dtype, np.integer) or (labels == labels.round()).all() else "floats"
    rows = labels.astype(np.float64)
    if not np.allclose(rows.sum(axis=1), 1, atol=1e-3):
        return "floats"
    return "one-hot" if ((rows == 0) | (rows == 1)).all() else "soft"


def class_numbers(labels: np.ndarray | None) -> np.ndarray | None:
    """Labels as class numbers; None where they are none."""
    if labels is None or not labels.size:
        return None
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    kind = label_kind(labels)
    if labels.ndim == 2:
        return labels.argmax(axis=1) if kind in ("one-hot", "soft") else None
    return labels.astype(np.int64) if kind == "integers" else None
