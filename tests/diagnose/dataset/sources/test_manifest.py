import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def lines(root, text, name="labels.csv"):
    (root / name).write_text(text, encoding="utf-8")
    return root / name


def rows(root, comma=",", head=("path", "label", "split")):
    found = sorted(root.rglob("*.png"))
    body = [comma.join((str(path.relative_to(root)), path.parent.name, "train" if number % 2 else "valid"))
            for number, path in enumerate(found)]  # fmt: skip
    return "\n".join([comma.join(head), *body]) + "\n"


@pytest.mark.parametrize(("name", "comma"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_paths_labels_and_splits(image_folder, scanned, name, comma):
    root = image_folder({"cat": 4, "dog": 4})
    data = scanned(lines(root, rows(root, comma), name))
    assert data.counts == {"train": {"cat": 2, "dog": 2}, "val": {"cat": 2, "dog": 2}}


@pytest.mark.parametrize("head", [("filename", "class"), ("Image_Path", "Category"), ("img", "target")])
def test_columns_by_any_of_their_names(image_folder, scanned, head):
    root = image_folder({"cat": 2, "dog": 2})
    text = "\n".join([",".join(head), *(f"{p.relative_to(root)},{p.parent.name}" for p in root.rglob("*.png"))])
    assert scanned(lines(root, text)).counts == {"all": {"cat": 2, "dog": 2}}


def test_a_manifest_beside_loose_images_is_found_by_itself(image_folder, scanned):
    root = image_folder({"images": 4})
    text = "file_name,label\n" + "\n".join(f"images/00{n}.png,{'ab'[n % 2]}" for n in range(4))
    lines(root, text, "metadata.csv")
    assert scanned(root).counts == {"all": {"a": 2, "b": 2}}


def test_an_image_that_is_not_there_is_a_finding(image_folder, scanned):
    root = image_folder({"cat": 2})
    data = scanned(lines(root, "path,label\ncat/000.png,cat\ncat/gone.png,cat\n\nshort\n"))
    assert (data.images, data.faults["unreadable"].count) == (1, 1)


def test_a_list_in_order_of_the_classes_is_noticed(image_folder, scanned):
    root = image_folder({"cat": 40, "dog": 40})
    text = "path,label\n" + "\n".join(f"{p.relative_to(root)},{p.parent.name}" for p in sorted(root.rglob("*.png")))
    order = next(one for one in scanned(lines(root, text)).shortcuts if one.attribute == "order")
    assert order.gain > 0.8


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,label\na,b\n", "no column path: its first line names name, label"),
        ("path,width,height\na,1,2\n", "no column label"),
        ("", "no column path and label"),
    ],
)
def test_what_lacks_a_column_gets_one_sentence(tmp_path, text, says):
    with pytest.raises(InputError, match=says):
        find_source(lines(tmp_path, text))


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1252", ("café", "Müll")),
        ("gb18030", ("擦花", "正常")),
        ("utf-16", ("café", "擦花")),
        ("utf-8-sig", ("Maß", "擦花")),
    ],
)
def test_a_list_in_another_encoding(image_folder, encoding, names):
    root = image_folder({"in": 4})
    body = "".join(f"in/00{n}.png,{names[n // 2]}\n" for n in range(4))
    (root / "a.csv").write_bytes(f"path,label\n{body}".encode(encoding))
    source = find_source(root / "a.csv")
    assert {one.label for one in source.entries()} == set(names)
    assert ("encoding" in [note.kind for note in source.notes]) is (encoding != "utf-8-sig")


def test_other_files_than_text_are_reported(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"path\0label\n\1\2")
    with pytest.raises(InputError, match="isn't text"):
        find_source(tmp_path / "a.csv")


def test_splits_may_have_any_name(image_folder, scanned):
    root = image_folder({"cat": 30, "dog": 30})
    names = ("fold 'one'", 'fold "two"; --', "three")
    rows = [f'{p.relative_to(root)},{p.parent.name},"{names[n % 3].replace(chr(34), chr(34) * 2)}"'
            for n, p in enumerate(sorted(root.rglob("*.png")))]  # fmt: skip
    data = scanned(lines(root, "\n".join(["path,label,split", *rows, "cat/000.png,cat,three"])))
    assert {data.in_split(name) for name in names} == {20, 21}
    assert data.train_split == "three"
    assert data.held_out_split is None


def test_absent_images_are_counted_and_few_are_kept(image_folder, scanned):
    root = image_folder({"cat": 3})
    text = "path,label\n" + "".join(f"cat/{n:03}.png,{'ab'[n % 2]}\n" for n in range(1200))
    data = scanned(lines(root, text))
    assert data.counts == {"all": {"a": 2, "b": 1}}
    assert (data.faults["unreadable"].count, data.files) == (1197, 1200)
    assert [row.faults for row in data.table] == [598, 599]


def test_a_path_column_stays_one_where_most_images_are_absent(image_folder, scanned):
    root = image_folder({"cat": 3})
    for number in range(3):
        (root / "cat" / f"00{number}.png").rename(root / f"{number}.png")  # as the labels are called
    text = "path,label\n0.png,1\n" + "".join(f"gone/x{n}.png,{n % 3}\n" for n in range(1200))
    assert scanned(lines(root, text)).faults["unreadable"].count == 1200


def test_rows_of_one_image_are_joined_where_it_comes_first(image_folder, scanned):
    root = image_folder({"cat": 4})
    text = "path,label\n" + "".join(f"cat/00{n}.png,{label}\n" for label in "bab" for n in (2, 0, 3, 1))
    data = scanned(lines(root, text))
    assert data.counts == {"all": {"a + b": 4}}
    source = find_source(root / "labels.csv")
    assert [one.path[-7:] for one in source.entries()] == ["002.png", "000.png", "003.png", "001.png"]


def test_rows_without_a_label_are_left_out(tmp_path):
    fill(tmp_path, {"photos": 6}, 16)
    rows = [f"{n:03d}.png,{('x', 'y', '')[n % 3]}" for n in range(6)]
    (tmp_path / "query.csv").write_text("\n".join(["Image,Assigned Label", *rows]))
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"x": 2, "y": 2}}
    assert any("rows without a label, such as 002.png" in note.said for note in source.notes)


def test_folder_and_name_in_columns_of_their_own(tmp_path):
    fill(tmp_path, {f"Station0{n}/2023-05-0{day}": 4 for n in (1, 2) for day in (4, 5)}, 16)
    rows = [f"set,{path.name},Station0{n}\\2023-05-0{day},{'xy'[number % 2]}" for n in (1, 2) for day in (4, 5)
            for number, path in enumerate(sorted((tmp_path / f"Station0{n}/2023-05-0{day}").iterdir()))]  # fmt: skip
    (tmp_path / "data.csv").write_text("\n".join(["RootFolder,File,RelativePath,Species", *rows]))
    assert listed(find_source(tmp_path)) == {"all": {"x": 8, "y": 8}}
