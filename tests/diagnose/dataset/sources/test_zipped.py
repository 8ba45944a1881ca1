import io
import shutil
import zipfile

import pytest

from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.zipped import read
from diagnose.model import InputError


def test_it_is_scanned_as_the_folder_would_be(image_folder, tmp_path, scanned):
    root = image_folder({"train/cat": 3, "train/dog": 3, "val/cat": 2, "val/dog": 2})
    shutil.copy(root / "train/cat/000.png", root / "val/cat/leak.png")
    shutil.make_archive(str(tmp_path / "set"), "zip", root)
    packed, loose = scanned(tmp_path / "set.zip"), scanned(root)
    assert (packed.counts, packed.mean, packed.std) == (loose.counts, loose.mean, loose.std)
    assert packed.leaks.examples == loose.leaks.examples == (("train/cat/000.png", "val/cat/leak.png"),)


def test_folders_that_all_images_share_arent_classes(tmp_path, png):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in ("my set/images/cat/1.png", "my set/images/dog/2.png", "__MACOSX/my set/._1.png"):
            archive.writestr(name, png())
    assert {(entry.split, entry.label) for entry in find_source(tmp_path / "set.zip").entries()} == {
        ("all", "cat"), ("all", "dog"),
    }  # fmt: skip


def test_names_cannot_leave_the_archive(tmp_path, png, scanned):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("cat/1.png", png())
        archive.writestr("../../dog/2.png", png(1))
    assert scanned(tmp_path / "set.zip").images == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images", "set.zip"]


def test_a_damaged_member_is_a_finding(tmp_path, png, scanned):
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"cat/{number}.png", png(number))
    file = bytearray((tmp_path / "set.zip").read_bytes())
    file[60:70] = b"x" * 10
    (tmp_path / "set.zip").write_bytes(bytes(file))
    data = scanned(tmp_path / "set.zip")
    assert (data.images, data.fault_count) == (2, 1)


@pytest.mark.parametrize(
    ("file", "says"),
    [(b"no archive", "cannot be read as a zip archive"), (None, "holds no class folders among its 1 files")],
)
def test_what_is_no_set_gets_one_sentence(tmp_path, png, file, says):
    if file is None:
        with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
            archive.writestr("1.png", png())
    else:
        (tmp_path / "set.zip").write_bytes(file)
    with pytest.raises(InputError, match=says):
        find_source(tmp_path / "set.zip")


def test_a_zip_for_each_class_or_split_reads_as_the_folder_would(image_folder, tmp_path, png, scanned):
    root = image_folder({"train/cat": 3, "train/dog": 3, "val/cat": 2, "val/dog": 2})
    shutil.copy(root / "train/cat/000.png", root / "val/cat/leak.png")
    (tmp_path / "splits").mkdir()
    shutil.make_archive(str(tmp_path / "splits/train"), "zip", root, "train")
    shutil.make_archive(str(tmp_path / "splits/val"), "zip", root / "val")
    packed, loose = scanned(tmp_path / "splits"), scanned(root)
    assert (packed.counts, packed.mean, packed.std) == (loose.counts, loose.mean, loose.std)
    assert len(packed.leaks.examples) == 1
    (tmp_path / "classes").mkdir()
    for number, name in enumerate(("cat", "dog")):
        with zipfile.ZipFile(tmp_path / f"classes/{name}.zip", "w") as archive:
            archive.writestr("1.png", png(number))
    assert scanned(tmp_path / "classes").counts == {"all": {"cat": 1, "dog": 1}}


def test_zips_without_class_folders_say_what_to_do(tmp_path, png):
    for name in ("a.zip", "b.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("readme.txt", "no image")
    with pytest.raises(InputError, match=r"holds no images but 2 archives .a.zip, b.zip."):
        find_source(tmp_path)


def test_no_more_is_unpacked_than_the_header_says(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cat/1.jpg", bytes(5_000_000))
    path.write_bytes(path.read_bytes().replace((5_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    with pytest.raises((OSError, zipfile.BadZipFile), match="Bad CRC"):
        read(str(path), "cat/1.jpg")


@pytest.fixture
def root(tmp_path):
    """A folder without anything else in it."""
    (tmp_path / "set").mkdir()
    return tmp_path / "set"


def packed(*members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("folder", ["", "{}/"])
def test_an_archive_of_an_archive_for_each_class(root, png, scanned, folder):
    inner = [(f"{label}.zip", packed(*((f"{folder.format(label)}{n}.png", png(n)) for n in range(2))))
             for label in ("cat", "dog")]  # fmt: skip
    (root / "all.zip").write_bytes(packed(*inner))
    for place in (root, root / "all.zip"):
        data = scanned(place)
        assert (data.counts, data.faults) == ({"all": {"cat": 2, "dog": 2}}, {})


def test_a_damaged_nested_archive_is_reported(root):
    (root / "all.zip").write_bytes(packed(("cat.zip", b"no archive")))
    with pytest.raises(InputError, match="cannot be read as a zip archive"):
        find_source(root / "all.zip")
