from builders import ERROR, dataset, only, silent
from diagnose.checks.d103_not_an_image import CHECK

from diagnose.model import Files


def test_healthy_files_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_names_the_files_and_the_reasons():
    faulty = dataset(faults={"not-an-image": Files(2, ("cat/a.jpg", "cat/b.jpg"), ("why a", "why b"))})
    finding = only(CHECK, dataset=faulty)
    assert finding.severity is ERROR
    assert finding.files == ("cat/a.jpg", "cat/b.jpg")
    assert finding.measured == {"files": 2, "reasons": ["why a", "why b"]}
    assert finding.summary.startswith("2 of 402 ")


def test_faults_of_another_kind_are_not_its_own():
    assert silent(CHECK, dataset=dataset(faults={"another": Files(1, ("cat/a.jpg",))}))
