import pytest

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


@pytest.mark.parametrize(
    ("name", "file", "says"),
    [
        ("a.doc", b"x", "is a file of no known kind"),
        ("a.zip", b"x", "cannot be read as a zip archive"),
        ("a.tar", b"x", "cannot be read as a tar archive"),
        ("a.csv", b"x,y\n", "has no column path"),
    ],
)
def test_a_file_that_is_no_set_says_what_it_is(tmp_path, name, file, says):
    (tmp_path / name).write_bytes(file)
    with pytest.raises(InputError, match=says):
        find_source(tmp_path / name)


def test_class_folders_go_before_a_manifest_beside_them(image_folder):
    root = image_folder({"cat": 1, "dog": 1})
    (root / "labels.csv").write_text("path,label\nnowhere.png,fox\n")
    assert {label for _, label in find_source(root).expected()} == {"cat", "dog"}
