import pytest
from folders import fill, listed

from diagnose.dataset.sources.filenames import compiled_pattern
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


@pytest.fixture
def named(tmp_path):
    """A folder of images by these names."""

    def of(*names, folder="im"):
        fill(tmp_path, {folder: len(names)}, 16)
        for number, name in enumerate(names):
            (tmp_path / folder / f"{number:03d}.png").rename(tmp_path / folder / f"{name}.png")
        return tmp_path

    return of


@pytest.mark.parametrize("pattern", ["{}.{n}", "{}_{n}", "{} ({n})", "{}{n}", "{n}_{}", "{}-{n}_2"])
def test_classes_in_names(named, pattern):
    names = [pattern.replace("{}", label).replace("{n}", str(n)) for label in ("cat", "dog") for n in range(4)]
    source = find_source(named(*names, folder="train"))
    assert listed(source) == {"train": {"cat": 4, "dog": 4}}
    assert source.notes[0].kind == "label-in-name"


@pytest.mark.parametrize(
    "names", [("IMG_1", "IMG_2", "DSC_1", "DSC_2"), ("a1", "b1", "c1", "d1"), ("1", "2", "3", "4")]
)
def test_names_that_say_nothing_are_refused_with_the_option(named, names):
    with pytest.raises(InputError, match="--label-pattern"):
        find_source(named(*names))


def test_a_split_whose_names_say_nothing_is_left_out_and_named(named):
    named(*(f"{label}.{n}" for label in ("cat", "dog") for n in range(4)), folder="train")
    source = find_source(named("1", "2", folder="test"))
    assert listed(source) == {"train": {"cat": 4, "dog": 4}}
    assert "test/ holds images" in source.notes[1].said


@pytest.mark.parametrize(
    ("pattern", "counts"),
    [
        ("{label}_*", {"all": {"5": 2, "7": 2}}),
        ("*_{label}.png", {"all": {"a": 2, "b": 2}}),
        ("{split}/*_{label}.png", {"train": {"a": 2, "b": 2}}),
        (r".*_(?P<label>[ab])\.png", {"all": {"a": 2, "b": 2}}),
        ("**/{label}_?.png", {"all": {"5": 2, "7": 2}}),
    ],
)
def test_a_pattern_says_where_the_class_stands(named, pattern, counts):
    root = named("5_a", "5_b", "7_a", "7_b", folder="train")
    assert listed(find_source(root, label_pattern=pattern)) == counts


def test_what_a_pattern_does_not_fit_is_named(named):
    source = find_source(named("5_a", "7_a", "x"), label_pattern="{label}_*")
    assert listed(source) == {"all": {"5": 1, "7": 1}}
    assert "im/x.png" in source.notes[1].said


@pytest.mark.parametrize(
    ("pattern", "says"),
    [("*.png", "does not say where the class stands"), ("(?P<label>", "isn't a regular expression"),
     ("{label}=*", "fits no image")],
)  # fmt: skip
def test_an_invalid_pattern_is_reported(named, pattern, says):
    with pytest.raises(InputError, match=says):
        find_source(named("5_a"), label_pattern=pattern)


def test_a_pattern_is_for_folders(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(InputError, match="--label-pattern reads paths in a folder"):
        find_source(tmp_path / "a.csv", label_pattern="{label}")


def test_other_words_in_braces_stand_for_anything():
    assert compiled_pattern("{id}_{label}.jpg").fullmatch("3_cat.jpg")["label"] == "cat"
