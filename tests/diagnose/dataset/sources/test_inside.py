import pytest

from diagnose.dataset.sources.inside import Inside


def test_class_folders_at_the_top():
    inside = Inside(["cat/1.jpg", "dog/sub/2.jpg", "readme.txt"])
    assert inside.of("cat/1.jpg") == ("all", "cat")
    assert inside.of("dog/sub/2.jpg") == ("all", "dog")
    assert inside.of("readme.txt") is None


def test_splits_below_a_shared_folder():
    inside = Inside(["set/train/cat/1.jpg", "set/validation/cat/2.jpg"])
    assert inside.of("set/validation/cat/2.jpg") == ("val", "cat")


def test_one_class_alone():
    assert Inside(["cat/1.jpg", "cat/2.jpg"]).of("cat/1.jpg") == ("all", "cat")


def test_loose_files_have_no_class():
    assert Inside(["1.jpg", "2.jpg"]).of("1.jpg") is None


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["set/cat/1.jpg", "set/dog/2.jpg", "set/taxa.csv.gz", "set/notes.txt"], ["unread-tables"]),
        (["train/cat/1.jpg", "val/cat/2.jpg", "labels.csv"], []),
        (["cat/1.jpg", "dog/2.jpg", "__MACOSX/._labels.csv"], []),
    ],
)
def test_tables_that_may_name_the_splits_are_reported_as_unread(names, said):
    assert [note.kind for note in Inside(names).notes if note.kind == "unread-tables"] == said
