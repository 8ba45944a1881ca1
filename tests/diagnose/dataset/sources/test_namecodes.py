"""Codes in file names."""

import re

import pytest
from folders import listed
from PIL import Image

from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.namecodes import codes_in
from diagnose.model import InputError

CODES = ("AN", "HA", "SA")
FACES = [f"{who}.{code}{take}.{n}.png" for n, (who, code, take) in enumerate(
    (who, code, take) for who in ("KA", "MK") for code in CODES for take in (1, 2, 3))]  # fmt: skip
READ_ME = "Naming: SUBJECT.CODE+TAKE\n\n  AN = anger\n  HA = happiness\n  SA = sadness\n"


def make(root, names, read_me=""):
    (root / "faces").mkdir()
    for n, name in enumerate(names):
        Image.new("L", (16, 16), n).save(root / "faces" / name)
    if read_me:
        (root / "README.txt").write_text(read_me)
    return root


@pytest.mark.parametrize("read_me", [READ_ME, "| AN | anger |\n| HA | happiness |\n| SA | sadness |",
                                     "Codes: AN = anger, HA = happiness, SA = sadness."])  # fmt: skip
def test_codes_that_a_read_me_explains(tmp_path, read_me):
    source = find_source(make(tmp_path, FACES, read_me))
    assert listed(source) == {"all": dict.fromkeys(CODES, 6)}
    assert "AN = anger" in source.notes[0].said


@pytest.mark.parametrize("read_me", ["", "KA = Karen\nMK = Mika\n\n" + READ_ME, "Portraits of two women."])
def test_ambiguous_codes_are_refused_with_patterns_that_fit(tmp_path, read_me):
    make(tmp_path, FACES, read_me)
    with pytest.raises(InputError, match="several parts that may be the class") as error:
        find_source(tmp_path)
    counts = [listed(find_source(tmp_path, label_pattern=pattern)) for pattern in
              re.findall(r"--label-pattern '([^']+)'", str(error.value))]  # fmt: skip
    assert {"all": {"AN": 6, "HA": 6, "SA": 6}} in counts


def test_a_read_me_that_explains_words_names_no_class(tmp_path):
    names = [f"{label}_{view}_{n}.png" for label in ("ash", "oak") for view in ("front", "side") for n in range(3)]
    make(tmp_path, names, "front: camera in front\nside: camera at the side\n")
    with pytest.raises(InputError, match="several parts that may be the class"):
        find_source(tmp_path)


def test_one_folder_whose_file_names_contain_the_class(tmp_path):
    make(tmp_path, [f"{label}_{n}.png" for label in ("ash", "oak") for n in range(4)])
    assert listed(find_source(tmp_path)) == {"all": {"ash": 4, "oak": 4}}


def test_numbers_in_flat_names_give_an_example_that_fits(tmp_path):
    for n in range(12):
        Image.new("L", (16, 16), n).save(tmp_path / f"{20 + n}_{n % 2}_2017{n:04d}.png")
    with pytest.raises(InputError, match="without a class") as error:
        find_source(tmp_path)
    (pattern, *_) = re.findall(r"--label-pattern '([^']+)'", str(error.value))
    assert listed(find_source(tmp_path, label_pattern=pattern)) == {"all": {"0": 6, "1": 6}}


@pytest.mark.parametrize(
    "names",
    [[f"IMG_{n:04d}.png" for n in range(12)], [f"{n * 7919:08x}.png" for n in range(12)],
     [f"2020-01-{n + 1:02d}.png" for n in range(9)], ["a.png", "b.png"]],
)  # fmt: skip
def test_names_that_only_count_hold_no_code_of_letters(names):
    assert [code for code in codes_in(names) if code.letters] == []
