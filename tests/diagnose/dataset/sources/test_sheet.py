import gzip
import json

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.sheet import as_text, sheet_of, with_header
from diagnose.model import InputError


def sheet(tmp_path, text, name="a.csv"):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return sheet_of(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", "a,b\nc,d\n"), ("a.csv", "a;b\nc;d\n"), ("a.tsv", "a\tb\nc\td\n"), ("a.txt", "a b\nc d\n"),
     ("a.csv", "a, b\nc, d\n"), ("a.csv", b"\xef\xbb\xbfa,b\r\nc,d\r\n"), ("a.lst", "# what\na  b\nc d\n")],
)  # fmt: skip
def test_rows_however_they_are_parted(tmp_path, name, text):
    assert list(sheet(tmp_path, text, name).rows()) == [["a", "b"], ["c", "d"]]


def test_json_lines_are_rows(tmp_path):
    found = sheet(tmp_path, '{"p": "1.jpg", "l": ["a", "b"]}\n\n{"p": "2.jpg"}\n', "a.jsonl")
    assert found.columns == ["p", "l"]
    assert list(found.rows()) == [["1.jpg", "a|b"], ["2.jpg", ""]]


def test_a_line_that_isnt_json_is_reported(tmp_path):
    with pytest.raises(InputError, match="line 2, isn't JSON"):
        sheet(tmp_path, '{"a": 1}\nx\n', "a.jsonl")


def test_a_long_list_is_looked_at_in_several_places(tmp_path):
    found = with_header(sheet(tmp_path, "p,l\n" + "".join(f"{n}.jpg,{n // 50_000}\n" for n in range(100_000))))
    assert {row[1] for row in found.sample} == {"0", "1"}
    assert all(len(row) == 2 for row in found.sample)


def test_values_as_texts():
    assert [as_text(value) for value in (None, 3, ["a", 1], {"k": 1})] == ["", "3", "a|1", '{"k": 1}']


def test_a_quote_that_is_never_closed_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("diagnose.dataset.sources.sheet.LONGEST_FIELD", 1000)
    text = "path,label\n" + "1.jpg,cat\n" * 10_000 + '"' + "2.jpg,cat\n" * 10_000
    with pytest.raises(InputError, match=r"damaged .*: look for a quote"):
        list(sheet(tmp_path, text).rows())


def test_objects_of_several_images_each(tmp_path):
    fill(tmp_path, {"images/0c": 2, "images/a1": 2}, 16)
    records = [{"item": n, "color": "red", "product_type": ("chair", "lamp")[n], "images": [f"{s}/{n:03d}.png" for s in
             ("0c", "a1")]} for n in range(2)]  # fmt: skip
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, records)))
    assert listed(find_source(tmp_path)) == {"all": {"chair": 2, "lamp": 2}}


def test_words_in_columns_of_a_csv(tmp_path):
    (tmp_path / "labels.csv").write_text("a.png  1.0  poly\nb.png  0.33 mono\n")
    assert sheet_of(tmp_path / "labels.csv").sample == [["a.png", "1.0", "poly"], ["b.png", "0.33", "mono"]]


def test_a_compressed_table(tmp_path):
    with gzip.open(tmp_path / "taxa.csv.gz", "wt") as out:
        out.write("objid,taxon\n1,Copepoda\n2,detritus\n")
    assert sheet_of(tmp_path / "taxa.csv.gz").sample[1:] == [["1", "Copepoda"], ["2", "detritus"]]
    (tmp_path / "taxa.csv.gz").write_bytes((tmp_path / "taxa.csv.gz").read_bytes()[:-12])
    with pytest.raises(InputError, match="is damaged"):
        list(sheet_of(tmp_path / "taxa.csv.gz").rows())


def test_fields_parted_by_equals_signs(tmp_path):
    (tmp_path / "index.txt").write_text("1=a_fish=crop=a_1=1\n2=b_fish=crop=b_1=2\n")
    assert sheet_of(tmp_path / "index.txt").first == ["1", "a_fish", "crop", "a_1", "1"]


def test_wekas_form(tmp_path):
    head = "% a comment\n@relation pets\n@attribute filename string\n@attribute 'the class' {PUG,BEAGLE}\n"
    (tmp_path / "pets.arff").write_text(f"{head}@DATA\n'a b.jpg', PUG\nc.jpg, BEAGLE\n")
    sheet = sheet_of(tmp_path / "pets.arff")
    assert sheet.columns == ["filename", "the class"]
    assert list(sheet.rows()) == [["a b.jpg", "PUG"], ["c.jpg", "BEAGLE"]]
