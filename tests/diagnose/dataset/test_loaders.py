from folders import fill

from diagnose.dataset.loaders import is_mask, mask_files, several_labels, unsorted_splits
from diagnose.dataset.sources.find import find_source
from diagnose.model import Files


def views(data):
    return {(view.loader, view.split): view for view in data.loaders}


def test_what_each_loader_takes(tmp_path, scanned):
    root = fill(tmp_path, {"cat": 3, "dog": 3, ".cache": 1}, 16)
    (root / "cat" / "000.png").rename(root / "cat" / "000.gif")
    (root / "cat" / "001.png").rename(root / "cat" / "001.tif")
    (root / "cat" / "notes.txt").write_text("x")
    found = views(scanned(root))
    folder, keras = found["ImageFolder", "all"], found["image_dataset_from_directory", "all"]
    assert (folder.classes, folder.kept, dict(folder.dropped), folder.hidden) == (3, 6, {".gif": 1}, (".cache",))
    assert (keras.classes, keras.kept, dict(keras.dropped), keras.hidden) == (2, 5, {".tif": 1}, ())
    assert found["imagefolder", "all"].kept == 6
    assert found["flow_from_directory", "all"].kept == 6


def test_a_class_of_other_endings_alone_stops_image_folder(tmp_path, scanned):
    root = fill(tmp_path, {"train/cat": 2, "train/dog": 2}, 16)
    for file in (root / "train" / "dog").iterdir():
        file.rename(file.with_suffix(".gif"))
    found = views(scanned(root))
    assert found["ImageFolder", "train"].raises == "FileNotFoundError: Found no valid file for the classes dog"
    assert found["image_dataset_from_directory", "train"].raises == ""


def test_names_of_masks():
    assert all(map(is_mask, ("a/x_mask.png", "x_mask_1.png", "x-seg.png", "x_Segmentation.png", "x_gt.png")))
    assert not any(map(is_mask, ("mask.png", "masked_1.png", "a_mask/x.png", "label.png", "cat_01.png", "target.png")))


def test_masks_are_those_with_an_image_beside(tmp_path, scanned):
    root = fill(tmp_path, {"cat": 2, "dog": 2}, 16)
    for file in list(root.glob("*/*.png")):
        file.with_name(f"{file.stem}_mask.png").write_bytes(file.read_bytes())
    assert scanned(root).masks.count == 4
    assert mask_files(str(root), 1, [str(root / "gone_mask.png")]) == Files()


def test_labels_that_occur_together():
    found = several_labels({"train": {"a": 2, "a + b": 3, "(no label)": 1}, "val": {"b": 1}})
    assert found.images == 3
    assert found.counts == {"train": {"a": 5, "b": 3}, "val": {"b": 1}}
    assert found.together == (("a", "b", 3),)


def test_a_dataset_of_several_labels_counts_each(tmp_path, scanned):
    fill(tmp_path, {"im": 4}, 16)
    (tmp_path / "l.csv").write_text("image,labels\n000.png,a|b\n001.png,a\n002.png,b|c\n003.png,a\n")
    data = scanned(tmp_path / "l.csv")
    assert data.classes == ("a", "b", "c")
    assert data.per_class == {"a": 3, "b": 2, "c": 1}
    assert data.images == 4


def test_folders_of_a_split_that_a_list_sorts(tmp_path):
    fill(tmp_path, {"train/cat": 2, "train/dog": 2, "val/images": 2}, 16)
    (tmp_path / "val/val_annotations.txt").write_text("000.png\tcat\t0\t0\t9\t9\n001.png\tdog\t0\t0\t9\t9\n")
    source = find_source(tmp_path)
    assert unsorted_splits(source, ["train", "val"]) == {"val": ("images",)}
    fill(tmp_path / "other", {"train/cat": 2, "val/cat": 2}, 16)
    assert unsorted_splits(find_source(tmp_path / "other"), ["train", "val"]) == {}
