from dataclasses import replace

import pytest
from builders import attribution, dataset, worse_by

from diagnose.model import Contrast, Diagnosis, Difference, Evidence, Gap
from diagnose.report.verified import GAINS, LOSES, OPEN, unmeasured, verified


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


@pytest.mark.parametrize(
    ("images", "factor", "gaps", "why"),
    [
        (None, "learning rate", (), "no images were given"),
        (dataset(), "learning rate", (), "the time was too short for two pairs of runs"),
        (dataset(), "seed", (), "short probes cannot resolve this change"),
        (
            dataset(),
            "learning rate",
            (Gap("probes", "the probes ended early.", failed=True),),
            "the probes ended early",
        ),
    ],
)
def test_what_was_not_measured_says_why(images, factor, gaps, why):
    contrast = Contrast("a", "b", (Difference(factor, "1", "2", ""),), chance=False)
    told = unmeasured(Diagnosis("0", "now", 1.0, Evidence(images), (), gaps, contrast=contrast))
    assert told == f"Not measured: {why}."
