import json
import sys

import pytest
from folders import listed

from diagnose.dataset.image import measure_all
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def table(png):
    def make(labels, start=0, **columns):
        images = [{"bytes": png(start + number), "path": None} for number in range(len(labels))]
        return pa.table({"image": images, "label": labels, **columns})

    return make


def named(table, names):
    features = {"label": {"names": names, "_type": "ClassLabel"}, "image": {"_type": "Image"}}
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def test_parquet_with_bytes_and_class_names(tmp_path, table, scanned):
    (tmp_path / "data").mkdir()
    for split, start in (("train", 0), ("test", 10)):
        named_table = named(table([0, 1, 0, 1], start), ["cat", "dog"])
        pq.write_table(named_table, tmp_path / "data" / f"{split}-00000-of-00001.parquet", row_group_size=3)
    data = scanned(tmp_path)
    assert data.counts == {"test": {"cat": 2, "dog": 2}, "train": {"cat": 2, "dog": 2}}
    assert (data.faults, data.empty_classes) == ({}, ())


def test_what_datasets_saves_on_disk(tmp_path, table, scanned):
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "validation"]}')
    for split, start in (("train", 0), ("validation", 10)):
        (tmp_path / split).mkdir()
        features = {"label": {"names": ["cat", "dog", "fox"]}}
        (tmp_path / split / "dataset_info.json").write_text(json.dumps({"features": features}))
        with pa.OSFile(str(tmp_path / split / "data-00000-of-00001.arrow"), "wb") as file:
            content = table([0, 1], start)
            with pa.ipc.new_stream(file, content.schema) as writer:
                writer.write_table(content)
    data = scanned(tmp_path)
    assert data.counts == {"train": {"cat": 1, "dog": 1}, "val": {"cat": 1, "dog": 1}}
    assert data.empty_classes == ("train/fox", "val/fox")


def test_a_manifest_in_parquet(image_folder, scanned):
    root = image_folder({"cat": 2, "dog": 2})
    paths = sorted(root.rglob("*.png"))
    columns = {
        "path": [str(p.relative_to(root)) for p in paths], "label": [p.parent.name for p in paths],
        "split": ["train", "val"] * 2,
    }  # fmt: skip
    pq.write_table(pa.table(columns), root / "list.parquet")
    assert scanned(root / "list.parquet").counts == {"train": {"cat": 1, "dog": 1}, "val": {"cat": 1, "dog": 1}}


def test_a_row_without_an_image_is_a_finding(tmp_path, png, scanned):
    images = [{"bytes": png(), "path": None}, {"bytes": None, "path": None}]
    pq.write_table(pa.table({"image": images, "label": ["a", "b"]}), tmp_path / "t.parquet")
    assert scanned(tmp_path / "t.parquet").faults["unreadable"].count == 1


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"label": [1]}, "no column of images"),
        ({"image": [b"x"], "what": [1], "that": [2]}, "no column of labels: it has image, what, that"),
    ],
)
def test_what_lacks_a_column_gets_one_sentence(tmp_path, columns, says):
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    with pytest.raises(InputError, match=says):
        find_source(tmp_path / "t.parquet")


def test_a_damaged_file_gets_one_sentence(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(InputError, match="cannot be read"):
        find_source(tmp_path / "t.parquet")


def test_without_pyarrow_it_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "t.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"diagnose-training\[parquet\]"):
        find_source(tmp_path / "t.parquet")


def test_unusual_names_and_lists_of_pixels(tmp_path, png):
    pq.write_table(pa.table({"img": [png(0), png(1)], "lbl": ["a", "b"]}), tmp_path / "a.parquet")
    assert listed(find_source(tmp_path / "a.parquet")) == {"all": {"a": 1, "b": 1}}
    pixels = [[number % 255 for number in range(784)]] * 2
    pq.write_table(pa.table({"image": pixels, "label": [0, 1]}), tmp_path / "b.parquet")
    source = find_source(tmp_path / "b.parquet")
    assert [one.width for one in measure_all([(e.path, e.member) for e in source.entries()])] == [28, 28]


def test_paths_of_another_machine_and_several_labels(image_folder):
    root = image_folder({"cat": 2})
    table = pa.table({"path": ["/mnt/x/cat/000.png", "/mnt/x/cat/001.png"], "labels": [["a", "b"], ["a"]]})
    pq.write_table(table, root / "a.parquet")
    source = find_source(root / "a.parquet")
    assert listed(source) == {"all": {"a + b": 1, "a": 1}}
    assert source.several
