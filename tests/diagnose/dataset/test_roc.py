"""The area under the ROC curve."""

import numpy as np
import pytest
from scipy import stats

from diagnose.dataset.roc import area_under_curve


def test_the_area_is_mann_and_whitneys_ties_included():
    rng = np.random.default_rng(0)
    positive, negative = rng.integers(0, 9, 40).astype(float), rng.integers(0, 7, 25).astype(float)
    area, _ = area_under_curve(positive, negative)
    assert area == pytest.approx(stats.mannwhitneyu(positive, negative).statistic / (40 * 25))


def test_ties_count_half():
    assert area_under_curve(np.array([3.0, 1.0], np.float32), np.array([3.0, 2.0], np.float32))[0] == 1.5 / 4


def test_certainty_has_no_variance():
    assert area_under_curve(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == (1.0, 0.0)
