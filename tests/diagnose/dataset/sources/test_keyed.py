import pytest
from folders import listed

from diagnose.dataset.image import measure_all
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError

lmdb = pytest.importorskip("lmdb")


def write(path, pairs):
    environment = lmdb.open(str(path), map_size=1 << 24)
    with environment.begin(write=True) as transaction:
        for key, value in pairs.items():
            transaction.put(key, value)
    environment.close()


@pytest.mark.parametrize(
    ("image", "label"), [(b"%08d", b"label-%08d"), (b"image-%09d", b"label-%09d"), (b"%d", b"%d_label")]
)
def test_images_and_labels_under_keys_of_their_own(tmp_path, png, image, label):
    pairs = {image % n: png(n) for n in range(1, 5)} | {label % n: b"cat" if n % 2 else b"dog" for n in range(1, 5)}
    write(tmp_path / "train", {**pairs, b"num-samples": b"4"})
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"cat": 2, "dog": 2}}
    assert {one.fault for one in measure_all([(e.path, e.member) for e in source.entries()])} == {None}


def test_caffes_datum(tmp_path):
    datum = b"\x08\x03\x10\x02\x18\x02\x22\x0c" + bytes(range(12)) + b"\x28\x07"
    write(tmp_path / "db", {b"00000000_a.jpg": datum})
    source = find_source(tmp_path / "db")
    assert listed(source) == {"all": {"7": 1}}
    (entry,) = source.entries()
    assert measure_all([(entry.path, entry.member)])[0].width == 2


@pytest.mark.parametrize(("value", "says"), [(b"text", "neither image files nor"), (None, "without labels")])
def test_a_database_without_labelled_images_is_reported(tmp_path, png, value, says):
    write(tmp_path / "db", {b"1": value or png()})
    with pytest.raises(InputError, match=says):
        find_source(tmp_path / "db")


def test_a_missing_library_is_named(tmp_path, png, monkeypatch):
    import sys

    from diagnose.dataset.sources import keyed

    write(tmp_path / "db", {b"1": png()})
    keyed._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(InputError, match=r"needs lmdb: pip install 'diagnose-training\[formats\]'"):
        find_source(tmp_path / "db")
