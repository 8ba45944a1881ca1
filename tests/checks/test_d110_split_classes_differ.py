from builders import ERROR, WARNING, dataset, fact, only, program, silent, why_skipped
from diagnose.checks.d110_split_classes_differ import CHECK

from diagnose.model import ClassFolders


def test_equal_classes_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_a_class_without_validation_images():
    finding = only(CHECK, dataset=dataset({"cat": 9, "dog": 9}, {"cat": 9}))
    assert finding.severity is ERROR
    assert finding.measured == {"split": "val", "missing": ["dog"], "extra": []}


def test_a_class_that_was_never_trained():
    finding = only(CHECK, dataset=dataset({"cat": 9}, {"cat": 9, "fox": 9}))
    assert finding.measured["extra"] == ["fox"]


def test_an_empty_folder_is_a_missing_class():
    assert only(CHECK, dataset=dataset({"cat": 9, "dog": 9}, {"cat": 9, "dog": 0})).measured["missing"] == ["dog"]


def test_without_splits_it_cannot_be_asked():
    assert "no splits" in why_skipped(CHECK, dataset=dataset(val=None))


def test_a_split_that_is_not_sorted_into_classes():
    finding = only(CHECK, dataset=dataset({"cat": 9, "dog": 9}, {"images": 9}))
    assert finding.severity is ERROR
    assert finding.summary == (
        "val is not sorted into the classes of train: it holds the folder images instead, so every image gets the "
        "label 0."
    )


def test_the_programs_loader_says_which_folders_count_and_where():
    data = dataset({".cache": 2, "cat": 9}, {"cat": 9}, stray=(".cache",))
    skips = program(seen=(fact(ClassFolders, 4, loader="image_dataset_from_directory", hidden=False),))
    counts = program(seen=(fact(ClassFolders, 4, loader="ImageFolder", hidden=True),))
    assert silent(CHECK, dataset=data, code=skips)
    assert only(CHECK, dataset=data, code=counts).location.line == 4
    assert only(CHECK, dataset=data, code=program()).severity is WARNING


def test_a_loader_of_folders_never_reads_the_list_that_sorts_a_split():
    listed = dataset({"cat": 20, "dog": 20}, {"cat": 5, "dog": 5}, unsorted={"val": ("images",)})
    loaders = tuple(fact(ClassFolders, line, loader="ImageFolder", hidden=True, root=f"pets/{split}")
                    for line, split in ((7, "train"), (8, "val")))  # fmt: skip
    finding = only(CHECK, dataset=listed, code=program(seen=loaders))
    assert finding.severity is ERROR
    assert "every image gets the label 0" in finding.summary
    assert finding.location.line == 8
    assert silent(CHECK, dataset=listed, code=program(seen=loaders[:1]))
    assert silent(CHECK, dataset=listed, code=program())
