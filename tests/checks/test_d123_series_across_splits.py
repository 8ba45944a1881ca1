import pytest
from builders import INFO, WARNING, dataset, only, silent
from diagnose.checks.d123_series_across_splits import CHECK

from diagnose.model import SeriesLeak


def leak(images):
    return dataset(series_leaks=(SeriesLeak("val", "patient", 7, images, 100, (("train/a.png", "val/b.png"),)),))


def test_series_of_one_side_are_silent():
    assert silent(CHECK, dataset=dataset())


@pytest.mark.parametrize(("images", "severity"), [(40, WARNING), (5, WARNING), (2, INFO)])
def test_a_patient_on_both_sides(images, severity):
    finding = only(CHECK, dataset=leak(images))
    assert finding.severity is severity
    assert "a patient that train has too" in finding.summary
    assert finding.files == ("train/a.png ~ val/b.png",)
