from dataclasses import replace

import pytest
from builders import attribution, worse_by

from diagnose.report.verified import GAINS, LOSES, OPEN, verified


@pytest.mark.parametrize(
    ("low", "high", "how", "begins"),
    [
        (0.1, 0.3, GAINS, "Verified, shown: the change gains +20.0 [+10.0, +30.0] points"),
        (-0.3, -0.1, LOSES, "The change loses: -20.0 [-30.0, -10.0] points"),
        (-0.1, 0.2, OPEN, "Not decided: +5.0 [-10.0, +20.0] points"),
    ],
)
def test_a_gain_is_claimed_only_where_the_interval_excludes_zero(low, high, how, begins):
    told, went = verified(replace(attribution(("weights", low, high)), whole=worse_by(low, high)))
    assert went == how
    assert told.startswith(begins)
