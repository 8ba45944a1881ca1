"""Splits of class folders in a list without labels."""

import json

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source

PATHS = [f"{label}/{n:03d}.png" for label in ("cat", "dog") for n in range(6)]
SPLIT = {"train": {"cat": 4, "dog": 4}, "test": {"cat": 2, "dog": 2}}


@pytest.mark.parametrize("below", ["", "photos/"])
def test_a_table_of_paths_and_splits(tmp_path, below):
    fill(tmp_path, {f"{below}cat": 6, f"{below}dog": 6}, 16)
    rows = [f"{path},{('train', 'test')[int(path[4:7]) > 3]}" for path in PATHS]
    (tmp_path / "splits.csv").write_text("\n".join(["filename,split", *rows]))
    source = find_source(tmp_path)
    assert listed(source) == SPLIT
    assert "listed-splits" in [note.kind for note in source.notes]
    assert len(source.expected()) == 4


def test_lists_of_paths_in_json(tmp_path):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    content = {"train": [path for path in PATHS if int(path[4:7]) < 4], "test": [p for p in PATHS if int(p[4:7]) > 3]}
    (tmp_path / "split.json").write_text(json.dumps(content))
    assert listed(find_source(tmp_path)) == SPLIT


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("split.json", '{"train": ["nowhere/1.png"], "test": ["nowhere/2.png"]}'),
        ("split.json", '{"train": ["cat/000.png"]}'),
        ("set.csv", "path,width\ncat/000.png,16\ndog/000.png,16"),
        ("split.json", "{"),
    ],
)
def test_class_folders_without_splits_stay_whole(tmp_path, name, text):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    (tmp_path / name).write_text(text)
    assert listed(find_source(tmp_path)) == {"all": {"cat": 6, "dog": 6}}


def test_folders_of_splits_go_before_a_list(tmp_path):
    fill(tmp_path, {f"{s}/{c}": 2 for s in ("train", "val") for c in ("cat", "dog")}, 16)
    (tmp_path / "split.json").write_text(json.dumps({"train": ["val/cat/000.png"], "test": ["train/cat/000.png"]}))
    assert listed(find_source(tmp_path)).keys() == {"train", "val"}


def test_images_in_no_split_are_counted(tmp_path):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    (tmp_path / "split.json").write_text(json.dumps({"train": PATHS[:4] + PATHS[6:9], "test": PATHS[4:6]}))
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"cat": 4, "dog": 3}, "test": {"cat": 2}}
    assert any("3 of 12 images are in none of the splits of split.json" in note.said for note in source.notes)


def named(root, names):
    """A list of images per split."""
    for split, own in names.items():
        (root / f"{split}.txt").write_text("\n".join(own))


@pytest.mark.parametrize(
    "written",
    [lambda path: path, lambda path: path[:-4], lambda path: f"/home/ann/pets/{path}", lambda path: f"./{path}"],
)
def test_a_list_of_each_split(tmp_path, written):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    named(tmp_path, {"my_train": [written(p) for p in PATHS if int(p[4:7]) < 4],
                     "my_test_list": [written(p) for p in PATHS if int(p[4:7]) > 3]})  # fmt: skip
    assert listed(find_source(tmp_path)) == SPLIT


def test_ambiguous_names_have_no_split(tmp_path):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    named(tmp_path, {"train": [f"{n:03d}.png" for n in range(4)], "test": ["004.png", "005.png"]})
    assert listed(find_source(tmp_path)) == {"all": {"cat": 6, "dog": 6}}


def test_an_image_in_two_lists_is_in_both_splits(tmp_path):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    named(tmp_path, {"train": PATHS, "test": [PATHS[0], PATHS[6]]})
    assert listed(find_source(tmp_path)) == {"train": {"cat": 6, "dog": 6}, "test": {"cat": 1, "dog": 1}}


def test_lists_beside_a_table_of_labels(tmp_path):
    fill(tmp_path, {"images_1": 6, "images_2": 6}, 16)
    for n in range(6):
        (tmp_path / f"images_2/{n:03d}.png").rename(tmp_path / f"images_2/{n + 6:03d}.png")
    (tmp_path / "labels.csv").write_text("file,label\n" + "".join(f"{n:03d}.png,{'ab'[n % 2]}\n" for n in range(12)))
    named(
        tmp_path,
        {"train_val_list": [f"{n:03d}.png" for n in range(8)], "test_list": [f"{n:03d}.png" for n in range(8, 12)]},
    )
    assert listed(find_source(tmp_path)) == {"train": {"a": 4, "b": 4}, "test": {"a": 2, "b": 2}}


@pytest.mark.parametrize(
    "content",
    [
        {"info": "by camera", "splits": {"train": ["C1", "C2"], "val": ["C3"]}},
        {"C1": "train", "C2": "train", "C3": "val"},
        [{"name": "C1", "split": "train"}, {"name": "C2", "split": "train"}, {"name": "C3", "split": "val"}],
    ],
)
def test_splits_by_a_folder_that_isnt_a_class(tmp_path, content):
    fill(tmp_path, {f"{label}/{place}": 2 for label in ("cat", "dog") for place in ("C1", "C2", "C3")}, 16)
    (tmp_path / "splits.json").write_text(json.dumps(content))
    assert listed(find_source(tmp_path)) == {"train": {"cat": 4, "dog": 4}, "val": {"cat": 2, "dog": 2}}


def test_classes_by_split_arent_splits_of_images(tmp_path):
    fill(tmp_path, dict.fromkeys("abcd", 3), 16)
    named(tmp_path, {"train_classes": ["a", "b"], "test_classes": ["c", "d"]})
    assert listed(find_source(tmp_path)) == {"all": dict.fromkeys("abcd", 3)}


def test_half_of_the_images_in_no_list_is_a_finding(tmp_path):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    named(tmp_path, {"train": PATHS[:4], "test": PATHS[6:8]})
    assert any(note.kind == "unlisted" for note in find_source(tmp_path).notes)


def test_splits_in_the_folders_of_a_list(tmp_path):
    fill(tmp_path, {f"images/{split}/cam{n}": 2 for split in ("Train", "Validation") for n in range(2)}, 16)
    names = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png"))
    images = "".join(f'<image name="{name.removeprefix("images/")}"><tag label="{"ab"[n % 2]}"/></image>'
                     for n, name in enumerate(names))  # fmt: skip
    (tmp_path / "annotations.xml").write_text(f"<annotations>{images}</annotations>")
    assert listed(find_source(tmp_path)) == {split: {"a": 2, "b": 2} for split in ("train", "val")}


def test_splits_by_a_field_of_cocos_images(tmp_path):
    fill(tmp_path, {"images": 6}, 16)
    coco = {
        "images": [{"id": n, "file_name": f"{n:03d}.png", "location": 30 + n % 3} for n in range(6)],
        "annotations": [{"id": n, "image_id": n, "category_id": n // 3} for n in range(6)],
        "categories": [{"id": 0, "name": "boar"}, {"id": 1, "name": "deer"}],
    }
    (tmp_path / "cameras.json").write_text(json.dumps(coco))
    (tmp_path / "splits_v0.json").write_text(json.dumps({"splits": {"train": ["30", "31"], "val": ["32"]}}))
    assert listed(find_source(tmp_path)) == {"train": {"boar": 2, "deer": 2}, "val": {"boar": 1, "deer": 1}}


def test_splits_in_the_names_of_images(tmp_path):
    fill(tmp_path, {"images": 6}, 16)
    for n, path in enumerate(sorted((tmp_path / "images").iterdir())):
        path.rename(path.with_name(f"{('train', 'test')[n > 3]}_{path.name}"))
    names = sorted(path.name for path in (tmp_path / "images").iterdir())
    (tmp_path / "labels.csv").write_text(
        "file,label\n" + "".join(f"{one},{'ab'[n % 2]}\n" for n, one in enumerate(names))
    )
    assert listed(find_source(tmp_path)) == {"train": {"a": 2, "b": 2}, "test": {"a": 1, "b": 1}}


def test_lists_of_domains_are_all_taken_and_of_folds_the_first(tmp_path):
    fill(tmp_path, {"cat": 6, "dog": 6}, 16)
    halves = (PATHS[:6], PATHS[6:])
    named(tmp_path, {f"{domain}_{split}": some[:4] if split == "train" else some[4:]
                     for domain, some in zip(("clipart", "real"), halves, strict=True)
                     for split in ("train", "test")})  # fmt: skip
    assert listed(find_source(tmp_path)) == SPLIT
    for path in tmp_path.glob("*.txt"):
        path.unlink()
    named(tmp_path, {"train1": [*PATHS[:4], *PATHS[6:10]], "test1": [*PATHS[4:6], *PATHS[10:]],
                     "train2": PATHS[2:], "test2": PATHS[:2]})  # fmt: skip
    assert listed(find_source(tmp_path)) == SPLIT
