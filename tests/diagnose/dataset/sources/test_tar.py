import io
import json
import tarfile

import pytest

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def pack(path, members):
    with tarfile.open(path, "w") as archive:
        for name, file in members:
            info = tarfile.TarInfo(name)
            info.size = len(file)
            archive.addfile(info, io.BytesIO(file))


@pytest.fixture
def shards(tmp_path, png):
    """Two WebDataset shards with labels of three kinds."""
    folder = tmp_path / "shards"
    folder.mkdir()
    labels = [("cls", b"0"), ("cls", b"1"), ("txt", b"cat"), ("json", json.dumps({"label": "dog"}).encode())]
    pack(folder / "set-train-000.tar", [
        member for number, (ending, label) in enumerate(labels)
        for member in ((f"{number:04}.png", png(number)), (f"{number:04}.{ending}", label))
    ])  # fmt: skip
    pack(folder / "set-val-000.tar", [("0009.cls", b"1"), ("0009.png", png(9)), ("0010.png", png(10))])
    return folder


def test_shards_with_labels_of_any_kind(shards, scanned):
    data = scanned(shards)
    assert data.counts == {"train": {"0": 1, "1": 1, "cat": 1, "dog": 1}, "val": {"(no label)": 1, "1": 1}}
    assert data.faults == {}


def test_one_shard(shards, scanned):
    assert scanned(shards / "set-train-000.tar").images == 4


def test_class_folders_inside(tmp_path, png, scanned):
    pack(tmp_path / "set.tar", [("train/cat/1.png", png(1)), ("train/dog/2.png", png(2)), ("val/cat/3.png", png(3))])
    assert scanned(tmp_path / "set.tar").counts == {"train": {"cat": 1, "dog": 1}, "val": {"cat": 1}}


def test_a_truncated_archive_is_reported(tmp_path, png, scanned):
    pack(tmp_path / "set.tar", [(f"cat/{number}.png", png(number)) for number in range(4)])
    whole = (tmp_path / "set.tar").read_bytes()
    (tmp_path / "set.tar").write_bytes(whole[:9000])
    with pytest.raises(InputError, match="cannot be read as a tar archive"):
        find_source(tmp_path / "set.tar")


def test_what_is_no_set_gets_one_sentence(tmp_path, png):
    (tmp_path / "no.tar").write_bytes(b"no archive at all")
    with pytest.raises(InputError, match="cannot be read as a tar archive"):
        find_source(tmp_path / "no.tar")
    pack(tmp_path / "loose.tar", [("1.png", png())])
    with pytest.raises(InputError, match="names no classes in its 1 files"):
        find_source(tmp_path / "loose.tar")
    with tarfile.open(tmp_path / "set.tar.gz", "w:gz"):
        pass
    with pytest.raises(InputError, match="names no classes in its 0 files"):
        find_source(tmp_path / "set.tar.gz")


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_a_compressed_archive_is_read_in_place(tmp_path, png, scanned, kind):
    folder = tmp_path / "downloads"
    folder.mkdir()
    with tarfile.open(folder / f"set.tar.{kind}", f"w:{kind}") as archive:
        for number, name in enumerate(("set/cat/1.png", "set/dog/2.png", "set/dog/3.png", "set/._x.png")):
            info = tarfile.TarInfo(name)
            info.size = len(png(number))
            archive.addfile(info, io.BytesIO(png(number)))
    data = scanned(folder / f"set.tar.{kind}")
    assert (data.counts, data.faults) == ({"all": {"cat": 1, "dog": 2}}, {})
    assert scanned(folder).counts == data.counts


def test_captions_arent_classes(tmp_path, png, scanned):
    members = [(f"{n:04}.png", png(n)) for n in range(12)]
    texts = [(f"{n:04}.txt", f"a photo of number {n}".encode()) for n in range(12)]
    labels = [(f"{n:04}.json", json.dumps({"label": "ab"[n % 2]}).encode()) for n in range(12)]
    pack(tmp_path / "a.tar", sorted(members + texts + labels))
    data = scanned(tmp_path / "a.tar")
    assert data.counts == {"all": {"a": 6, "b": 6}}
    assert [note.kind for note in data.reading] == ["captions"]
    pack(tmp_path / "b.tar", sorted(members + texts))
    with pytest.raises(InputError, match="captions and no classes"):
        find_source(tmp_path / "b.tar")


def test_shards_in_folders_of_splits(tmp_path, png, scanned):
    for split in ("train", "val"):
        (tmp_path / "set" / split).mkdir(parents=True)
        pack(tmp_path / "set" / split / "0.tar", [("1.cls", b"3"), ("1.png", png())])
    assert scanned(tmp_path / "set").counts == {"train": {"3": 1}, "val": {"3": 1}}


@pytest.fixture
def root(tmp_path):
    """A folder without anything else in it."""
    (tmp_path / "set").mkdir()
    return tmp_path / "set"


def packed(*members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def nested(path, png):
    """ImageNet's training archive: an archive of one archive per class."""
    pack(
        path, [(f"{label}.tar", packed(*((f"{label}_{n}.png", png(n)) for n in range(2)))) for label in ("n01", "n02")]
    )


def test_an_archive_of_an_archive_for_each_class(root, png, scanned):
    nested(root / "img_train.tar", png)
    data = scanned(root / "img_train.tar")
    assert (data.counts, data.faults) == ({"all": {"n01": 2, "n02": 2}}, {})


def test_imagenets_archives_and_devkit(root, png, scanned):
    nested(root / "img_train.tar", png)
    pack(root / "img_val.tar", [(f"val_{n}.png", png(n + 9)) for n in range(4)])
    (root / "devkit").mkdir()
    (root / "devkit" / "validation_ground_truth.txt").write_text("1\n2\n2\n1\n")
    (root / "devkit" / "synsets.txt").write_text("1 n01 tench\n2 n02 cock\n")
    one = {"n01": 2, "n02": 2}
    assert scanned(root).counts == {"train": one, "val": one}


@pytest.mark.parametrize("folder", ["", "{}/"])
def test_an_archive_for_each_class(root, png, scanned, folder):
    for label in ("cat", "dog"):
        pack(root / f"{label}.tar", [(f"{folder.format(label)}{n}.png", png(n)) for n in range(3)])
    assert scanned(root).counts == {"all": {"cat": 3, "dog": 3}}


def test_archives_in_an_archive_that_are_compressed_name_the_step(root):
    pack(root / "all.tar", [("cat.tar.gz", b"x"), ("dog.tar.gz", b"x")])
    with pytest.raises(InputError, match=r"unpack it .tar xf all.tar --one-top-level. and give that folder"):
        find_source(root / "all.tar")
