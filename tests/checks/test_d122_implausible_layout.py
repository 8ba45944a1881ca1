import pytest
from builders import ERROR, INFO, WARNING, config, dataset, fact, findings, only, program, silent
from diagnose.checks.d122_implausible_layout import CHECK

from diagnose.model import ClassFolders, Files, Reading, SeveralLabels

WRAPPED = Reading("unwrapped", "The classes stand below animals/.", "Give loaders animals/.", True, "animals")


def loader(root):
    return program(seen=(fact(ClassFolders, 12, loader="ImageFolder", hidden=True, raises=True, root=root),))


def test_plain_folders_are_silent():
    assert silent(CHECK, dataset=dataset())
    assert silent(CHECK, dataset=dataset(reading=(Reading("one-hot", "The columns a, b were read."),)))


@pytest.mark.parametrize(
    ("code", "severity"),
    [(None, INFO), (program(), INFO), (loader("work/data"), ERROR), (loader(""), WARNING), (loader("other"), WARNING)],
)
def test_a_folder_around_the_classes(code, severity):
    finding = only(CHECK, dataset=dataset(reading=(WRAPPED,)), code=code)
    assert (finding.severity, finding.subject) == (severity, "unwrapped")
    assert (finding.location is not None) is (severity is ERROR)


def test_a_loader_that_is_given_the_inner_folder_is_not_accused():
    assert silent(CHECK, dataset=dataset(reading=(WRAPPED,)), code=loader("data/animals"))
    assert silent(CHECK, dataset=dataset(reading=(WRAPPED,)), code=loader("data/animals/train"))


def test_guessed_classes_are_a_warning():
    assert (
        only(CHECK, dataset=dataset(reading=(Reading("folds", "a and b are folds.", "Give one.", True),))).severity
        is WARNING
    )


def test_images_left_out_are_named():
    note = Reading("unlabelled", "test/ holds images without classes.")
    assert only(CHECK, dataset=dataset(reading=(note,))).severity is INFO


def test_one_class():
    data = dataset({"cat": 9}, None)
    assert only(CHECK, dataset=data).severity is WARNING
    assert only(CHECK, dataset=data, code=program()).severity is ERROR


@pytest.mark.parametrize("names", [("images", "annotations"), ("train_x", "test_x"), ("cat", "masks")])
def test_names_that_are_no_classes(names):
    data = dataset(dict.fromkeys(names, 9), None)
    assert only(CHECK, dataset=data).subject == "class names"
    assert only(CHECK, dataset=data, code=loader("data")).severity is ERROR


def test_masks_among_the_images():
    data = dataset(masks=Files(3, ("cat/1_mask.png",)))
    finding = only(CHECK, dataset=data)
    assert (finding.severity, finding.files) == (WARNING, ("cat/1_mask.png",))


def test_several_labels_are_counted():
    note = Reading("several-labels", "Images have several labels each.")
    several = SeveralLabels(3, {"all": {"a": 5, "b": 3}}, (("a", "b", 3),))
    data = dataset({"a": 2, "a + b": 3}, None, reading=(note,), several=several)
    (finding,) = [one for one in findings(CHECK, dataset=data) if one.subject == "several-labels"]
    assert "3 of 5 images have more than one of 2 labels: a 5 and b 3." in finding.summary


@pytest.mark.parametrize("kind", ["several-labels", "boxes"])
@pytest.mark.parametrize(("loss", "severity"), [(None, WARNING), ("cross_entropy", WARNING), ("bce_with_logits", INFO)])
def test_labels_that_do_not_fit_one_class_an_image(kind, loss, severity):
    layout = dataset(reading=(Reading(kind, "Images have several labels each."),))
    trained = {"configuration": config(loss=loss)} if loss else {}
    assert only(CHECK, dataset=layout, **trained).severity is severity


@pytest.mark.parametrize(
    "name",
    ["Unsorted", "to_label", "00_todo", "New folder (2)", "unlabelled images", "ToSort", "no label", "Unsortiert"],
)
def test_piles_that_are_still_to_be_sorted(name):
    finding = only(CHECK, dataset=dataset({"fox": 9, "hare": 9, name: 5}, None))
    assert (finding.severity, finding.subject) == (WARNING, "unsorted")
    assert "5 images" in finding.summary


@pytest.mark.parametrize(
    "name",
    ["other", "unknown", "background", "negative", "misc", "new", "open", "unchecked", "none", "sorted", "empty"],
)
def test_names_that_are_classes_as_often_as_not(name):
    assert silent(CHECK, dataset=dataset({"fox": 9, "hare": 9, name: 5}, None))


@pytest.mark.parametrize("kind", ["table-disagrees", "previews", "uneven-splits", "copied-tree"])
def test_trouble_of_a_layout_is_a_warning_without_a_program(kind):
    assert only(CHECK, dataset=dataset(reading=(Reading(kind, "Something is wrong."),))).severity is WARNING
