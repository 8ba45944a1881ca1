import shutil

import pytest

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def test_a_url_is_scanned_as_the_folder_would_be(image_folder, scanned):
    root = image_folder({"train/cat": 3, "train/dog": 3, "val/cat": 2, "val/dog": 2})
    (root / "train/cat/broken.png").write_bytes(b"no image")
    far, near = scanned(f"file://{root}"), scanned(root)
    assert (far.counts, far.mean, far.faults) == (near.counts, near.mean, near.faults)


def test_urls_may_be_chained(image_folder, tmp_path, scanned):
    root = image_folder({"cat": 2, "dog": 2})
    shutil.make_archive(str(tmp_path / "set"), "zip", root)
    assert scanned(f"zip://::file://{tmp_path}/set.zip").counts == {"all": {"cat": 2, "dog": 2}}


def test_a_changed_file_has_another_mark(image_folder):
    root = image_folder({"cat": 1, "dog": 1})
    before = [entry.mark for entry in find_source(f"file://{root}").entries()]
    (root / "cat" / "000.png").write_bytes(b"another")
    after = [entry.mark for entry in find_source(f"file://{root}").entries()]
    assert [one != other for one, other in zip(before, after, strict=True)] == [True, False]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense://bucket/images", "cannot be listed|needs another package"),
        ("file:///no/such/folder/anywhere", "holds no class folders"),
    ],
)
def test_what_cannot_be_listed_gets_one_sentence(url, says):
    with pytest.raises(InputError, match=says):
        find_source(url)


def test_offline_makes_no_connection(image_folder):
    with pytest.raises(InputError, match="is not on this machine"):
        find_source("s3://bucket/images", offline=True)
    assert list(find_source(f"file://{image_folder({'cat': 1})}", offline=True).entries())
