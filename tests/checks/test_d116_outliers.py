from builders import INFO, WARNING, dataset, findings, only, silent
from diagnose.checks.d116_outliers import CHECK

from diagnose.model import Confidence, Files


def test_an_even_set_is_silent():
    assert silent(CHECK, dataset=dataset())


def test_many_dark_ones_are_a_warning():
    finding = only(CHECK, dataset=dataset(outliers={"dark": Files(8, ("cat/a.jpg",))}))
    assert (finding.severity, finding.confidence) == (WARNING, Confidence.LIKELY)
    assert finding.summary == "8 images are almost black (2.0%)."


def test_a_blank_one_is_certain_and_worth_knowing():
    finding = only(CHECK, dataset=dataset(outliers={"flat": Files(1, ("cat/a.jpg",))}))
    assert (finding.severity, finding.confidence) == (INFO, Confidence.CERTAIN)
    assert finding.summary.startswith("1 image is blank")


def test_each_kind_is_a_finding_of_its_own():
    found = findings(CHECK, dataset=dataset(outliers={"dark": Files(1, ("a",)), "blurred": Files(2, ("b", "c"))}))
    assert len({finding.fingerprint for finding in found}) == 2


def test_ends_that_were_not_decoded_are_a_warning():
    finding = only(CHECK, dataset=dataset(outliers={"cut": Files(8, ("cat/a.jpg",))}))
    assert finding.severity is WARNING
    assert "as a cut file decodes" in finding.summary


def test_bars_are_worth_knowing_unless_they_are_few():
    assert only(CHECK, dataset=dataset(outliers={"bars": Files(8, ("cat/a.jpg",))})).severity is INFO
    assert silent(CHECK, dataset=dataset(outliers={"bars": Files(2, ("cat/a.jpg",))}))
