import json

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source


def write(root, name, head, labels, pattern="{:03d}.png,{}"):
    lines = [pattern.format(number, label) for number, label in enumerate(labels)]
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("\n".join([*([head] if head else []), *lines]))


def test_kaggles_folders(tmp_path):
    fill(tmp_path, {"train_images": 4, "test_images": 2}, 16)
    write(tmp_path, "train.csv", "image_id,label", "abab")
    write(tmp_path, "sample_submission.csv", "image_id,label", "aa")
    assert listed(find_source(tmp_path)) == {"train": {"a": 2, "b": 2}}


def test_a_list_whose_images_are_in_train(tmp_path):
    fill(tmp_path, {"train": 4, "test": 2}, 16)
    write(tmp_path, "labels.csv", "id,breed", "abab", "{:03d},{}")
    assert listed(find_source(tmp_path)) == {"train": {"a": 2, "b": 2}}


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl"])
def test_a_list_in_each_split(tmp_path, name):
    fill(tmp_path, {"train": 4, "test": 2}, 16)
    pattern = '{{"file_name": "{:03d}.png", "label": "{}"}}' if name.endswith("l") else "{:03d}.png,{}"
    for split, labels in (("train", "abab"), ("test", "ab")):
        write(tmp_path, f"{split}/{name}", "" if name.endswith("l") else "file_name,label", labels, pattern)
    assert listed(find_source(tmp_path)) == {"train": {"a": 2, "b": 2}, "test": {"a": 1, "b": 1}}


def test_lists_of_splits_for_one_folder(tmp_path):
    fill(tmp_path, {"img": 6}, 16)
    write(tmp_path, "train.csv", "path,label", "abab", "img/{:03d}.png,{}")
    write(tmp_path, "val.csv", "path,label", "ab", "img/{:03d}.png,{}")
    assert listed(find_source(tmp_path)) == {"train": {"a": 2, "b": 2}, "val": {"a": 1, "b": 1}}


def test_lists_in_meta(tmp_path):
    fill(tmp_path, {"train": 4, "val": 2}, 16)
    for split, labels in (("train", "0101"), ("val", "01")):
        write(tmp_path, f"meta/{split}.txt", "", labels, "{:03d}.png {}")
    assert listed(find_source(tmp_path)) == {"train": {"0": 2, "1": 2}, "val": {"0": 1, "1": 1}}


def test_a_flat_split_with_a_list_beside_class_folders(tmp_path):
    fill(tmp_path, {"train/n01/images": 2, "train/n02/images": 2, "val/images": 2, "test/images": 1}, 16)
    write(tmp_path, "val/val_annotations.txt", "", ["n01", "n02"], "{:03d}.png\t{}\t0\t0")
    assert listed(find_source(tmp_path)) == {"train": {"n01": 2, "n02": 2}, "val": {"n01": 1, "n02": 1}}


def test_a_list_that_leaves_out_leading_zeros(tmp_path):
    fill(tmp_path, {"train/00": 2, "train/01": 2, "test/Images": 2}, 16)
    write(tmp_path, "GT-final_test.csv", "Filename;Width;ClassId", "01", "{:03d}.png;3;{}")
    assert listed(find_source(tmp_path))["test"] == {"00": 1, "01": 1}


def test_a_list_whose_images_are_in_folders_of_splits(tmp_path):
    fill(tmp_path, {"train": 2, "test": 2}, 16)
    rows = [f"{split}/{n:03d}.png,{'ab'[n]}" for split in ("train", "test") for n in range(2)]
    (tmp_path / "metadata.csv").write_text("\n".join(["file_name,label", *rows]))
    one = {"a": 1, "b": 1}
    assert listed(find_source(tmp_path)) == {"train": one, "test": one}


def test_lists_of_splits_go_before_class_folders_without_them(tmp_path):
    fill(tmp_path, {"images/a": 2, "images/b": 2}, 16)
    for number, split in enumerate(("train", "val")):
        (tmp_path / f"{split}.csv").write_text(
            "path,label\n" + "\n".join(f"images/{name}/{number:03d}.png,{name}" for name in "ab")
        )
    one = {"a": 1, "b": 1}
    assert listed(find_source(tmp_path)) == {"train": one, "val": one}


def test_lists_of_one_split_that_name_other_images_are_joined(tmp_path):
    fill(tmp_path, {f"pacs/{domain}/{label}": 4 for domain in ("art", "photo") for label in "ab"}, 16)
    for domain in ("art", "photo"):
        for split, numbers in (("train", range(3)), ("test", [3])):
            rows = [f"{domain}/{label}/{n:03d}.png {k}" for k, label in enumerate("ab") for n in numbers]
            (tmp_path / f"{domain}_{split}_list.txt").write_text("\n".join(rows))
    assert listed(find_source(tmp_path)) == {"train": {"0": 6, "1": 6}, "test": {"0": 2, "1": 2}}


def test_lists_of_folds_are_read_one_fold_and_said(tmp_path):
    fill(tmp_path, {"images": 12}, 16)
    for fold in range(3):
        for split in ("train", "test"):
            rows = [f"{n:03d}.png,{'ab'[n % 2]}" for n in range(12) if ((n // 2 + fold) % 3 == 0) == (split == "test")]
            (tmp_path / f"{split}_fold{fold}.csv").write_text("\n".join(["path,label", *rows]))
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"a": 4, "b": 4}, "test": {"a": 2, "b": 2}}
    assert "train_fold0.csv was read, and not train_fold1.csv" in " ".join(note.said for note in source.notes)


def test_a_list_of_the_images_in_two_folders_names_all_of_them(tmp_path):
    fill(tmp_path, {"images_part_1": 6, "images_part_2": 6}, 16)
    for file in sorted((tmp_path / "images_part_2").iterdir()):
        file.rename(file.with_name(f"b{file.name}"))
    rows = [f"{mark}{n:03d},{'ab'[n % 2]},{n}" for mark in ("", "b") for n in range(6)]
    (tmp_path / "metadata.csv").write_text("\n".join(["image_id,dx,age", *rows]))
    source = find_source(tmp_path)
    assert (listed(source), source.notes) == ({"all": {"a": 6, "b": 6}}, ())


def test_a_list_of_labels_beside_annotations_goes_before_a_guess(tmp_path):
    fill(tmp_path, {"input": 6}, 16)
    (tmp_path / "truth_csv").mkdir()
    rows = [f"{n:03d},{1 - n % 2}.0,{n % 2}.0" for n in range(6)]
    (tmp_path / "truth_csv" / "labels.csv").write_text("\n".join(["image,MEL,NV", *rows]))
    (tmp_path / "origin.csv").write_text(
        "image,confirmed_by\n" + "".join(f"{n:03d},{'xyz'[n % 3]}\n" for n in range(6))
    )
    assert listed(find_source(tmp_path)) == {"all": {"MEL": 3, "NV": 3}}


@pytest.mark.parametrize(("named", "kind"), [(7, "unlisted"), (19, "unlabelled"), (20, None)])
def test_images_that_no_list_names(tmp_path, named, kind):
    fill(tmp_path, {"photos": 20}, 16)
    rows = [f"{n:03d}.png,{'ab'[n % 2]}" for n in range(named)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *rows]))
    found = {note.kind: note.said for note in find_source(tmp_path).notes}
    assert kind is None or f"{20 - named} of 20 images, such as {named:03d}.png, are in no list" in found[kind]
    assert kind is not None or not {"unlisted", "unlabelled"} & found.keys()


def test_tables_with_the_same_columns_are_one(tmp_path):
    for week in ("11", "12"):
        fill(tmp_path / f"week{week}", {"belt": 4}, 16)
        rows = [f"week{week}/belt/{n:03d}.png;{n};{'ab'[n % 2]}" for n in range(4)]
        (tmp_path / f"report_{week}.csv").write_text("\n".join(["Datei;Teil;Befund", *rows]))
    assert listed(find_source(tmp_path)) == {"all": {"a": 4, "b": 4}}


def test_a_record_of_labels_in_each_round(tmp_path):
    for place, first in (("seed", 0), ("round_1", 4), ("test", 8)):
        fill(tmp_path / place, {"images": 4}, 16)
        for path in sorted((tmp_path / place / "images").iterdir(), reverse=True):
            path.rename(path.with_name(f"gate_{int(path.stem) + first:03d}.png"))
        labels = {f"gate_{first + n:03d}.png": ("car", "bus")[n % 2] for n in range(4)}
        (tmp_path / place / "labels.json").write_text(json.dumps(labels))
    assert listed(find_source(tmp_path)) == {"train": {"car": 4, "bus": 4}, "test": {"car": 2, "bus": 2}}


def test_an_unlabelled_list_is_skipped(tmp_path):
    fill(tmp_path, {"images": 6}, 16)
    for name, label in (("input", None), ("output", "good")):
        (tmp_path / "job/manifests" / name).mkdir(parents=True)
        lines = [{"source-ref": f"s3://b/images/{n:03d}.png"} for n in range(6)]
        for n, line in enumerate(lines if label else ()):
            line |= {"x": n % 2, "x-metadata": {"class-name": f"{label}{n % 2}"}}
        (tmp_path / f"job/manifests/{name}/a.manifest").write_text("\n".join(map(json.dumps, lines)))
    assert listed(find_source(tmp_path)) == {"all": {"good0": 3, "good1": 3}}


def test_lists_of_splits_and_one_of_all_are_not_joined(tmp_path):
    fill(tmp_path, {"glass": 8, "paper": 8}, 16)
    for path in sorted(tmp_path.rglob("*.png")):
        path.rename(path.with_name(f"{path.parent.name}{int(path.stem)}.png"))
    names = [f"{label}{n}.png" for label in ("glass", "paper") for n in range(8)]
    (tmp_path / "zero-indexed.txt").write_text("".join(f"{name} {int(name[0] == 'p')}\n" for name in names))
    for split, some in (("train", range(6)), ("test", range(6, 8))):
        own = "".join(f"{name} {1 + (name[0] == 'p')}\n" for name in names if int(name[5:-4]) in some)
        (tmp_path / f"one-indexed_{split}.txt").write_text(own)
    assert listed(find_source(tmp_path)) == {"train": {"glass": 6, "paper": 6}, "test": {"glass": 2, "paper": 2}}
