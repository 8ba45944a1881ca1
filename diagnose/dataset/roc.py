"""The area under the ROC curve, and its variance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def area_under_curve(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> tuple[float, float]:
    """(the share of pairs in which the positive value is the larger, ties counting half; its variance).

    positive, negative: values of the images of each kind, at least one of each. The variance is Hanley and McNeil's
    (1982).
    """
    p, n = len(positive), len(negative)
    ordered = np.sort(negative)
    below, up_to = (np.searchsorted(ordered, positive, side) for side in ("left", "right"))
    area = float((below + up_to).mean()) / (2 * n)
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (p - 1) * (first - area**2) + (n - 1) * (second - area**2)
    return area, max(spread / (p * n), 0.0)
