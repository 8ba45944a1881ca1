"""Rows in memory or in a temporary file."""

import numpy as np
import pytest

from diagnose.dataset import rows as module
from diagnose.dataset.rows import Rows

VALUES = np.arange(60, dtype=np.float32).reshape(20, 3)


@pytest.mark.parametrize("in_memory", [10**6, 1])
def test_rows_are_read_in_any_order(monkeypatch, tmp_path, in_memory):
    monkeypatch.setattr(module, "IN_MEMORY", in_memory)
    with Rows(str(tmp_path)) as rows:
        rows.append(VALUES[:7])
        assert np.array_equal(rows.take(np.array([6, 0])), VALUES[[6, 0]])
        rows.append(VALUES[7:])
        assert len(rows) == 20
        for places in ([], [3, 4, 5, 9, 2, 2, 19], list(range(20))):
            assert np.array_equal(rows.take(np.array(places, np.int64)), VALUES[places])
    assert list(tmp_path.iterdir()) == []
