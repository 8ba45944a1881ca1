"""What was not examined, by its reason."""

from diagnose.model import Diagnosis, Evidence, Gap
from diagnose.report.gaps import by_reason


def test_one_line_for_all_that_lack_the_same():
    gaps = (Gap("P501", "no probes"), Gap("M401", "no model"), Gap("P502", "no probes"), Gap("P503", "no probes", True))
    diagnosis = Diagnosis("0.1", "now", 1.0, Evidence(), (), gaps)
    assert list(by_reason(diagnosis)) == [
        (False, "P501, P502", "no probes"),
        (False, "M401", "no model"),
        (True, "P503", "no probes"),
    ]
