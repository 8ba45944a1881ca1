from builders import ERROR, WARNING, config, dataset, fact, findings, only, program, silent
from diagnose.checks.d121_empty_class import CHECK

from diagnose.model import ClassFolders

STRAY = dataset({".cache": 2, "cat": 9, "dog": 9}, {"cat": 9, "dog": 9}, stray=(".cache",))


def loader(name="ImageFolder", hidden=True, raises=True):
    return program(seen=(fact(ClassFolders, 12, loader=name, hidden=hidden, raises=raises),))


def test_full_classes_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_an_empty_class_is_named():
    finding = only(CHECK, dataset=dataset(empty_classes=("train/fox",)))
    assert finding.severity is WARNING
    assert "train/fox" in finding.summary


def test_an_empty_class_that_another_split_has_is_an_error():
    data = dataset({"cat": 9, "dog": 9}, {"cat": 9}, empty_classes=("val/dog",))
    assert only(CHECK, dataset=data).severity is ERROR


def test_an_empty_class_stops_image_folder():
    finding = only(CHECK, dataset=dataset(empty_classes=("train/fox",)), code=loader())
    assert (finding.severity, finding.location.line) == (ERROR, 12)
    assert only(CHECK, dataset=dataset(empty_classes=("train/fox",)), code=loader(raises=False)).severity is WARNING


def test_a_stray_folder_is_told_once():
    found = findings(CHECK, dataset=dataset(empty_classes=("all/.ipynb_checkpoints",), stray=(".ipynb_checkpoints",)))
    assert len(found) == 1
    assert ".ipynb_checkpoints" in found[0].summary


def test_a_stray_folder_with_images_shifts_the_classes_of_one_split():
    finding = only(CHECK, dataset=STRAY, configuration=config(head=2), code=loader())
    assert finding.severity is ERROR
    assert "the classes of train and val get different numbers" in finding.summary
    assert "the labels go beyond the 2 outputs of the head" in finding.summary
    assert finding.fix == "Delete the folder: train/.cache."
    assert finding.location.line == 12


def test_a_stray_folder_in_every_split_is_a_class_more():
    data = dataset({".cache": 2, "cat": 9}, {".cache": 1, "cat": 9}, stray=(".cache",))
    assert only(CHECK, dataset=data, code=loader()).severity is WARNING


def test_whether_a_programs_own_loader_takes_it_is_not_known():
    assert only(CHECK, dataset=STRAY, code=program()).severity is WARNING


def test_a_loader_that_passes_over_hidden_folders_is_not_accused():
    keras = loader("image_dataset_from_directory", hidden=False, raises=False)
    assert silent(CHECK, dataset=STRAY, code=keras)
    data = dataset({"__MACOSX": 2, "cat": 9}, {"cat": 9}, stray=("__MACOSX",))
    assert only(CHECK, dataset=data, code=keras).severity is ERROR


def test_a_stray_folder_without_images_stops_image_folder():
    data = dataset(stray=("annotations",), empty_classes=("train/annotations",))
    assert "it raises" in only(CHECK, dataset=data, code=loader()).summary
    assert only(CHECK, dataset=data).severity is WARNING
