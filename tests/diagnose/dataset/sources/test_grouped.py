"""Tables that name the class of a patient, a slide or a camera."""

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source

NAMES = ("KPM", "LAF", "BCR", "ENM")


def patients(root, head="patient_id,age,diagnosis,cohort"):
    """Six rows of patients, of whom two are well, and the last two are tests."""
    rows = [
        f"{name},{40 + n},{'well' if n % 2 else 'ill'},{'test' if n > 1 else 'train'}" for n, name in enumerate(NAMES)
    ]
    (root / "clinical.csv").write_text("\n".join([head, *rows]))


def test_folders_of_patients_and_their_cohorts(tmp_path):
    fill(tmp_path / "cells", dict.fromkeys(NAMES, 3), 16)
    patients(tmp_path)
    source = find_source(tmp_path)
    assert listed(source) == {"train": {"ill": 3, "well": 3}, "test": {"ill": 3, "well": 3}}
    assert {"grouped", "listed-splits"} <= {note.kind for note in source.notes}


def test_names_that_begin_with_the_patient(tmp_path):
    fill(tmp_path / "images", dict.fromkeys(NAMES, 3), 16)
    for path in sorted((tmp_path / "images").rglob("*.png")):
        path.rename(tmp_path / "images" / f"{path.parent.name}_{path.name}")
    for name in NAMES:
        (tmp_path / "images" / name).rmdir()
    patients(tmp_path)
    assert listed(find_source(tmp_path))["train"]["well"] == 3


def test_images_of_no_row_are_counted(tmp_path):
    fill(tmp_path / "cells", {**dict.fromkeys(NAMES, 3), "ZZZ": 1}, 16)
    patients(tmp_path)
    assert any("1 images are of no row" in note.said for note in find_source(tmp_path).notes)


@pytest.mark.parametrize(
    "head",
    [
        "folder,age,family,cohort",  # classes with super-classes
        "species,age,category,cohort",
        "patient_id,age,height,cohort",  # which names no class
    ],
)
def test_folders_stay_the_classes(tmp_path, head):
    fill(tmp_path / "cells", dict.fromkeys(NAMES, 3), 16)
    patients(tmp_path, head)
    counts = {}
    for by_class in listed(find_source(tmp_path)).values():
        for name, count in by_class.items():
            counts[name] = counts.get(name, 0) + count
    assert counts == dict.fromkeys(NAMES, 3)


def test_a_patient_with_two_classes_has_no_class(tmp_path):
    fill(tmp_path / "cells", dict.fromkeys(NAMES, 3), 16)
    patients(tmp_path)
    with (tmp_path / "clinical.csv").open("a") as out:
        out.write("\nKPM,41,well,train")
    assert listed(find_source(tmp_path)) == {"all": dict.fromkeys(NAMES, 3)}
