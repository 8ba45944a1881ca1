"""Tables of images and tables of classes that share a key."""

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def lines(path, head, rows):
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]))


def test_ids_of_images_in_one_table_and_their_labels_in_another(tmp_path):
    fill(tmp_path, {"photos": 6}, 16)
    lines(tmp_path / "images.csv", "image_id,file_name,width", [(n + 10, f"{n:03d}.png", 16) for n in range(6)])
    lines(tmp_path / "labels.csv", "image_id,annotator,label", [(n + 10, "ab"[n // 3], "xy"[n % 2]) for n in range(6)])
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"x": 3, "y": 3}}
    assert any(note.kind == "joined-tables" for note in source.notes)


def test_plates_and_wells_in_folders_that_arent_classes(tmp_path):
    fill(tmp_path, {"plates/P1": 4, "plates/P2": 4}, 16)
    for n in range(4):
        (tmp_path / f"plates/P2/{n:03d}.png").rename(tmp_path / f"plates/P2/b{n:03d}.png")
    wells = ["A01", "A02", "B01", "B02"]
    lines(tmp_path / "image.csv", "FileName_DNA,Metadata_Plate,Metadata_Well",
          [(f"{'b' * p}{n:03d}.png", f"P{p + 1}", well) for p in range(2) for n, well in enumerate(wells)])  # fmt: skip
    lines(tmp_path / "wells.csv", "plate,well,moa",
          [(f"P{p + 1}", well, ("actin", "tubulin")[(n + p) % 2])
           for p in range(2) for n, well in enumerate(wells[:3])])  # fmt: skip
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"actin": 3, "tubulin": 3}}
    assert any("2 rows of image.csv have no class" in note.said for note in source.notes)


def test_a_third_table_has_the_splits(tmp_path):
    fill(tmp_path, {"photos/north": 6, "photos/south": 6}, 16)
    places = [f"photos/{place}/{n:03d}.png" for place in ("north", "south") for n in range(6)]
    lines(tmp_path / "images.csv", "image_id,file,species_id,observer",
          [(n, place, f"SP{n % 2}", "ab"[n % 2]) for n, place in enumerate(places)])  # fmt: skip
    lines(tmp_path / "species.csv", "species_id,scientific_name", [("SP0", "Apis"), ("SP1", "Bombus")])
    lines(tmp_path / "subsets.csv", "image_id,subset", [(n, ("train", "test")[n % 12 > 7]) for n in range(12)])
    assert listed(find_source(tmp_path)) == {"train": {"Apis": 4, "Bombus": 4}, "test": {"Apis": 2, "Bombus": 2}}


def test_a_key_that_names_several_classes_joins_nothing(tmp_path):
    fill(tmp_path, {"photos": 6}, 16)
    lines(tmp_path / "images.csv", "file_name,site,camera", [(f"{n:03d}.png", n % 2, n % 3) for n in range(6)])
    lines(tmp_path / "seen.csv", "site,label", [(n % 2, "xyz"[n % 3]) for n in range(6)])
    with pytest.raises(InputError):
        find_source(tmp_path)


def test_numbers_that_come_again_are_no_files(tmp_path):
    fill(tmp_path, {"photos": 6}, 16)
    for number, file in enumerate(sorted((tmp_path / "photos").iterdir())):
        file.rename(tmp_path / "photos" / f"shot_{number}.png")
    lines(tmp_path / "seen.csv", "site,label", [(n % 2, "xyz"[n % 3]) for n in range(6)])
    with pytest.raises(InputError):
        find_source(tmp_path)


def test_a_table_with_its_own_label_needs_no_other(tmp_path):
    fill(tmp_path, {"photos": 6}, 16)
    lines(tmp_path / "images.csv", "file_name,species,site", [(f"{n:03d}.png", "xy"[n % 2], n % 3) for n in range(6)])
    lines(tmp_path / "sites.csv", "site,class", [(0, "wood"), (1, "wood"), (2, "lake")])
    assert listed(find_source(tmp_path)) == {"all": {"x": 3, "y": 3}}


def test_class_folders_with_tables_of_other_things_stay_the_classes(tmp_path):
    fill(tmp_path, {"cat": 4, "dog": 4}, 16)
    lines(tmp_path / "cameras.csv", "camera,class", [(1, "a"), (2, "b")])
    lines(
        tmp_path / "images.csv",
        "file,camera",
        [(f"{c}/{n:03d}.png", n % 2 + 1) for c in ("cat", "dog") for n in range(4)],
    )
    assert listed(find_source(tmp_path))["all"].keys() <= {"cat", "dog", "a", "b"}


def test_a_database_dumped_table_by_table(tmp_path):
    fill(tmp_path, {"media/3f": 4, "media/a1": 4}, 16)
    (tmp_path / "dump").mkdir()
    paths = [f"{folder}/{n:03d}.png" for folder in ("3f", "a1") for n in range(4)]
    lines(tmp_path / "dump/public.images.csv", "id,object_key,dataset_split",
          [(50 + n, path, ("train", "val")[n % 4 == 3]) for n, path in enumerate(paths)])  # fmt: skip
    lines(tmp_path / "dump/public.categories.csv", "id,name", [(3, "Sedan"), (7, "SUV")])
    rows = [(900 + n, 50 + n, (3, 7)[n % 2], "") for n in range(8)] + [(999, 50, 7, "2023-01-01")]
    lines(tmp_path / "dump/public.annotations.csv", "id,image_id,category_id,deleted_at", rows)
    assert listed(find_source(tmp_path)) == {"train": {"Sedan": 4, "SUV": 2}, "val": {"SUV": 2}}
