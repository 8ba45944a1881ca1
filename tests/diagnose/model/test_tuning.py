from dataclasses import replace

import pytest
from builders import gained, tuning


@pytest.mark.parametrize(
    ("gain", "better"),
    [
        (None, False),
        (gained(0.01, 0.05, seeds=3), True),
        (gained(0.01, 0.05, seeds=2), False),  # the interval may exclude zero by luck
        (gained(-0.01, 0.05), False),
        (gained(-0.05, -0.01), False),
    ],
)
def test_better_is_what_enough_new_seeds_confirm(gain, better):
    assert replace(tuning(), gain=gain).better is better
