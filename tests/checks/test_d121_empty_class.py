from builders import WARNING, dataset, findings, only, silent
from diagnose.checks.d121_empty_class import CHECK


def test_full_classes_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_an_empty_class_is_named():
    finding = only(CHECK, dataset=dataset(empty_classes=("train/fox",)))
    assert finding.severity is WARNING
    assert "train/fox" in finding.summary


def test_a_stray_folder_is_told_once():
    found = findings(CHECK, dataset=dataset(empty_classes=("all/.ipynb_checkpoints",), stray=(".ipynb_checkpoints",)))
    assert len(found) == 1
    assert ".ipynb_checkpoints" in found[0].summary
