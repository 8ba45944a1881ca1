import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError

THREE = {"cat": 2, "dog": 2, "fox": 2}


def below(*places, classes=("cat", "dog", "fox")):
    return {f"{place}/{name}": 2 for place in places for name in classes}


def kinds(source):
    return [note.kind for note in source.notes]


@pytest.mark.parametrize(
    ("folders", "counts", "kind"),
    [
        (below("dataset/animals"), {"all": THREE}, "unwrapped"),
        (below("2750"), {"all": THREE}, "unwrapped"),
        (below("images/train", "images/val"), {"train": THREE, "val": THREE}, "unwrapped"),
        (below("chest/chest/train", "chest/chest/test"), {"train": THREE, "test": THREE}, "unwrapped"),
        (below("training_set", "test_set"), {"train": THREE, "test": THREE}, "splits"),
        (below("x_train", "x_test"), {"train": THREE, "test": THREE}, "splits"),
        (below("train2017", "val2017"), {"train": THREE, "val": THREE}, "splits"),
        (below("train", "eval"), {"train": THREE, "val": THREE}, None),
        ({f"{c}/images": 2 for c in THREE}, {"all": THREE}, None),
        ({f"{c}/{s}": 2 for c in THREE for s in ("train", "val")}, {"train": THREE, "val": THREE}, "split-in-class"),
        (below("fold1", "fold2"), {"all": {name: 4 for name in THREE}}, "folds"),
        ({"bird/owl": 2, "bird/duck": 2, "pet/cat": 2}, {"all": {"owl": 2, "duck": 2, "cat": 2}}, "two-levels"),
        ({"a/abbey": 2, "a/arch": 2, "c/church/in": 2, "c/church/out": 2, "c/cave": 2},
         {"all": {"abbey": 2, "arch": 2, "church/in": 2, "church/out": 2, "cave": 2}}, "two-levels"),
        ({f"{c}/patient_{n}{k}": 2 for k, c in enumerate(("ill", "well")) for n in range(3)},
         {"all": {"ill": 6, "well": 6}}, None),
        ({f"{8000 + n}/{c}": 1 for n in range(8) for c in "01"}, {"all": {"0": 8, "1": 8}}, "groups"),
        (below("photo", "sketch"), {"all": {name: 4 for name in THREE}}, "domains"),
        (below("amazon/images", "dslr/images"), {"all": {name: 4 for name in THREE}}, "domains"),
        (dict.fromkeys(("x/pet/cat", "x/pet/dog", "x/wild/fox", "y/car/bus"), 2),
         {"all": {"cat": 2, "dog": 2, "fox": 2, "bus": 2}}, "two-levels"),
        (below("male", "female", classes=("old", "young")), {"all": {"male": 4, "female": 4}}, "equal-sub-folders"),
        ({f"{s}_{c}": 2 for s in ("train", "test") for c in ("cat", "dog")},
         {"train": {"cat": 2, "dog": 2}, "test": {"cat": 2, "dog": 2}}, "split-in-name"),
        ({**below("images"), **below("masks")}, {"all": THREE}, "beside"),
        ({"bus": 2, "car": 2, "train": 2}, {"all": {"bus": 2, "car": 2, "train": 2}}, None),
        ({"a": 2, "b": 2, "x": 2}, {"all": {"a": 2, "b": 2, "x": 2}}, None),
        ({"cat": 2}, {"all": {"cat": 2}}, None),
        ({**below("train"), "test": 3}, {"train": THREE}, "unlabelled"),
        ({**below("train"), "test/images": 3}, {"train": THREE}, "unlabelled"),
        ({**below("train", "val"), "extra": 3}, {"train": THREE, "val": THREE}, "extra"),
        (below("2019", "2020", classes=("ill", "well")), {"all": {"ill": 4, "well": 4}}, "groups"),
        ({f"{c}/{year}": 2 for c in THREE for year in (2019, 2020)}, {"all": dict.fromkeys(THREE, 4)}, None),
        ({**below("train/train", "test")}, {"train": THREE, "test": THREE}, "uneven-splits"),
        ({**below("train", "test", "copy/train", "copy/test")}, {"train": THREE, "test": THREE}, "copied-tree"),
        ({**below("labelled"), "unlabelled": 3}, {"all": THREE}, "unlabelled"),
        ({f"{c}/{c}_{n:02d}": 2 for c in THREE for n in range(3)}, {"all": dict.fromkeys(THREE, 6)}, None),
        ({f"S{n:02d}/{c}": 1 for n in range(4) for c in ("ill", "well")}, {"all": {"ill": 4, "well": 4}}, "groups"),
    ],
)  # fmt: skip
def test_where_the_classes_are(tmp_path, folders, counts, kind):
    source = find_source(fill(tmp_path, folders, 16))
    assert listed(source) == counts
    assert kind in kinds(source) if kind else source.notes == ()


def test_folds_with_splits_of_their_own_are_refused_with_the_step(tmp_path):
    root = fill(tmp_path, below("fold_0/train", "fold_0/val", "fold_1/train", "fold_1/val"), 16)
    with pytest.raises(InputError, match="give one of them as DATA, such as fold_0/"):
        find_source(root)


def test_one_folder_with_a_meaningless_name_isnt_a_class(tmp_path):
    with pytest.raises(InputError, match="images stand in train_images/ without a class"):
        find_source(fill(tmp_path, {"train_images": 3}, 16))


def test_loose_images_beside_the_classes_are_named(tmp_path):
    fill(tmp_path, {"cat": 1, "dog": 1}, 16)
    (tmp_path / "cat" / "000.png").rename(tmp_path / "stray.png")
    fill(tmp_path, {"cat": 1}, 16)
    (note,) = find_source(tmp_path).notes
    assert note.kind == "loose"
    assert "stray.png" in note.said


def test_validation_images_in_one_folder_are_a_class_as_a_loader_takes_them(tmp_path):
    found = find_source(fill(tmp_path, {"train/a": 2, "train/b": 2, "val/images": 2, "test/images": 2}, 16))
    assert listed(found) == {"train": {"a": 2, "b": 2}, "val": {"images": 2}}
    assert [note.kind for note in found.notes] == ["unlabelled"]


@pytest.mark.parametrize(
    ("folders", "noted"),
    [
        ({"sorted/ill": 2, "sorted/well": 2, "later": 3}, True),
        ({"cat": 2, "dog": 2}, False),
        ({"cat": 2, "dog/photos": 2}, False),
    ],
)
def test_folders_of_images_beside_folders_of_folders(tmp_path, folders, noted):
    fill(tmp_path, folders, 16)
    assert ("levels" in kinds(find_source(tmp_path))) is noted


def test_slides_of_one_kind_arent_classes(tmp_path):
    kinds = {
        "benign/SOB/adenosis": "SOB_B_A_14-",
        "malignant/SOB/ductal": "SOB_M_DC_14-",
        "malignant/SOB/papillary": "SOB_M_PC_14-",
    }
    fill(tmp_path / "v1/slides/breast", {f"{kind}/{code}{n}F/{zoom}": 1 for kind, code in kinds.items()
                                         for n in (4816, 8717) for zoom in ("40X", "100X")}, 16)  # fmt: skip
    assert listed(find_source(tmp_path)) == {"all": {"adenosis": 4, "ductal": 4, "papillary": 4}}


@pytest.mark.parametrize(
    ("folders", "kind"),
    [
        (dict.fromkeys(("video01", "video02"), 3), "recordings"),
        ({**dict.fromkeys(("train/a", "train/b", "val/a", "val/b"), 2), "a": 4, "b": 4}, "copied-tree"),
    ],
)
def test_folders_that_probably_arent_classes(tmp_path, folders, kind):
    fill(tmp_path, folders, 16)
    assert kind in [note.kind for note in find_source(tmp_path).notes]


def test_names_with_the_letters_of_an_outline(tmp_path):
    fill(tmp_path / "B. Grading", {"1. Original Images/a. Training Set": 4, "1. Original Images/b. Testing Set": 4}, 16)
    (tmp_path / "B. Grading/2. Groundtruths").mkdir()
    rows = "Image name,Retinopathy grade\n" + "".join(f"{n:03d},{n % 2}\n" for n in range(4))
    for part in ("a. Training Labels", "b. Testing Labels"):
        (tmp_path / f"B. Grading/2. Groundtruths/{part}.csv").write_text(rows)
    assert listed(find_source(tmp_path)) == {split: {"0": 2, "1": 2} for split in ("train", "test")}


def test_classes_below_lines_days_and_shifts(tmp_path):
    names = [f"{line}/2024021{day}/{shift}/{label}" for line in ("LINE_A", "LINE_B") for day in (1, 2)
             for shift in ("DAY", "NIGHT") for label in ("OK", "NG_dent")]  # fmt: skip
    fill(tmp_path, dict.fromkeys(names, 1), 16)
    assert listed(find_source(tmp_path)) == {"all": {"OK": 8, "NG_dent": 8}}


def test_the_same_files_in_every_folder_are_versions(tmp_path):
    fill(tmp_path, {"w1_red": 9, "w2_blue": 9}, 16)
    for path in sorted(tmp_path.rglob("*.png")):
        path.rename(path.with_name(f"B{path.stem}_s1.png"))
    assert "versions" in [note.kind for note in find_source(tmp_path).notes]


def test_classes_in_names_below_dates_and_traps(tmp_path):
    fill(tmp_path, {f"2023-06-1{day}/T0{trap}": 4 for day in range(3) for trap in (1, 2)}, 16)
    for path in sorted(tmp_path.rglob("*.png")):
        path.rename(path.with_name(f"{path.parent.name}_{path.stem}_{('Apis', 'Bombus')[int(path.stem) % 2]}.png"))
    assert listed(find_source(tmp_path)) == {"all": {"Apis": 12, "Bombus": 12}}


def test_images_of_a_test_beside_the_folder_of_classes(tmp_path):
    fill(tmp_path, {"birds/owl": 3, "birds/jay": 3, "bird_testset/bird_testset": 2}, 16)
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"owl": 3, "jay": 3}}
    assert "unlabelled" in [note.kind for note in source.notes]


def test_classes_within_a_class_beside_others(tmp_path):
    fill(tmp_path, dict.fromkeys(("a/abbey", "a/arch", "b/bakery/kitchen", "b/bakery/shop", "b/beach"), 2), 16)
    assert set(listed(find_source(tmp_path))["all"]) == {"abbey", "arch", "bakery/kitchen", "bakery/shop", "beach"}


@pytest.mark.parametrize("pile", ["unlabeled-images/images", "unlabelled_pool"])
def test_piles_without_labels_beside_the_classes(tmp_path, pile):
    fill(
        tmp_path,
        {f"labeled-images/{one}": 2 for one in ("upper/cecum", "upper/pylorus", "lower/polyps")} | {pile: 2},
        16,
    )
    assert set(listed(find_source(tmp_path))["all"]) == {"cecum", "pylorus", "polyps"}


def test_a_test_of_unknown_class_before_train_in_order(tmp_path):
    fill(tmp_path, {"train/a": 2, "train/b": 2, "test/unknown": 2}, 16)
    assert listed(find_source(tmp_path)) == {"train": {"a": 2, "b": 2}}


@pytest.mark.parametrize("test", ["rps-test-set", "rps-test-set/rps-test-set"])
def test_classes_beside_those_of_a_test(tmp_path, test):
    fill(tmp_path, {f"{place}/{label}": 2 for place in ("rps", test) for label in ("rock", "paper")}, 16)
    assert listed(find_source(tmp_path)) == {split: {"rock": 2, "paper": 2} for split in ("train", "test")}


def test_classes_below_days_and_cameras(tmp_path):
    names = [
        f"2024-03-1{day}/cam_{side}/{label}" for day in (1, 2) for side in ("left", "right") for label in ("OK", "dent")
    ]
    fill(tmp_path, dict.fromkeys(names, 2), 16)
    assert listed(find_source(tmp_path)) == {"all": {"OK": 8, "dent": 8}}
