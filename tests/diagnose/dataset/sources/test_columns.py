import pytest
from folders import fill, listed

from diagnose.dataset.sources.columns import says_label
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


@pytest.fixture
def read(tmp_path):
    """How a CSV of these lines beside im/000.png.. is read; {} is the line number."""
    fill(tmp_path, {"im": 12}, 16)

    def of(head, *lines, file="labels.csv"):
        rows = [lines[number % len(lines)].replace("{}", f"{number:03d}") for number in range(12)]
        (tmp_path / file).write_text("\n".join([*([head] if head else []), *rows]))
        return find_source(tmp_path / file)

    return of


@pytest.mark.parametrize(
    ("head", "lines", "counts"),
    [
        ("id,breed", ("{},cat", "{},dog"), {"cat": 6, "dog": 6}),
        ("Filename;Width;Height;ClassId", ("{}.png;64;64;7", "{}.png;64;64;9"), {"7": 6, "9": 6}),
        ("image,id,choice,annotator", ("{}.png,1,a,1", "{}.png,2,b,1"), {"a": 6, "b": 6}),
        ("Image,Id", ("{}.png,w1", "{}.png,w2"), {"w1": 6, "w2": 6}),
        ("Image Index,Finding Labels,Patient ID", ("{}.png,x,1", "{}.png,y,1"), {"x": 6, "y": 6}),
        ("id,has_cactus", ("{},0", "{},1"), {"0": 6, "1": 6}),
        ("image_id,mel,nv,bcc", ("{},1.0,0.0,0.0", "{},0,1,0", "{},0,0,1"), {"mel": 4, "nv": 4, "bcc": 4}),
        ("filename, cat, dog", ("{}.png, 1, 0", "{}.png, 0, 1"), {"cat": 6, "dog": 6}),
        ("image_id,class_id,class_name", ("{},0,a", "{},1,b"), {"a": 6, "b": 6}),
        (",image,label", ("0,im/{}.png,a", "1,im/{}.png,b"), {"a": 6, "b": 6}),
        ("", ("im/{}.png,a", "im/{}.png,b"), {"a": 6, "b": 6}),
        ("path,label", ('"im/{}.png","a, big"', '"im/{}.png","b, big"'), {"a, big": 6, "b, big": 6}),
        ("path,label", ("im/{}.png,golden retriever", "im/{}.png,cat"), {"golden retriever": 6, "cat": 6}),
        ("path,note,shape", ("im/{}.png,0.5,round", "im/{}.png,0.7,flat"), {"round": 6, "flat": 6}),
    ],
)
def test_one_label_each(read, head, lines, counts):
    assert listed(read(head, *lines)) == {"all": counts}


@pytest.mark.parametrize(
    ("head", "lines", "counts"),
    [
        ("image,labels", ("{}.png,a_x b", "{}.png,b", "{}.png,a_x"), {"a_x + b": 4, "b": 4, "a_x": 4}),
        ("image,labels", ("{}.png,a|b", "{}.png,b"), {"a + b": 6, "b": 6}),
        ("image,labels", ('{}.png,"a, b"', "{}.png,b", "{}.png,a"), {"a + b": 4, "b": 4, "a": 4}),
        ("image,labels", ("{}.png,\"['a', 'b']\"", "{}.png,['b']"), {"a + b": 6, "b": 6}),
        ("id,attribute_ids", ("{},13 147", "{},13"), {"13 + 147": 6, "13": 6}),
        ("image,a,b", ("{},1,1", "{},0,1", "{},0,0"), {"a + b": 4, "b": 4, "(no label)": 4}),
    ],
)
def test_several_labels_each(read, head, lines, counts):
    source = read(head, *lines)
    assert listed(source) == {"all": counts}
    assert source.several


def test_splits_of_flags_and_of_competitions(read):
    assert set(listed(read("path,label,is_train", "im/{}.png,a,1", "im/{}.png,b,0"))) == {"train", "test"}
    usage = read("path,label,Usage", "im/{}.png,a,Training", "im/{}.png,b,PublicTest", "im/{}.png,a,PrivateTest")
    assert set(listed(usage)) == {"train", "val", "test"}


def test_a_guessed_column_is_noted(read):
    assert [note.kind for note in read("path,note,shape", "im/{}.png,0.5,round", "im/{}.png,0.7,flat").notes] == [
        "guessed-column"
    ]


def test_a_list_of_images_that_are_not_there_is_refused(read):
    with pytest.raises(InputError, match="names images that are not there, such as /gone/000"):
        read("path,label", "/gone/{}.tif,a")


def test_columns_that_name_no_class_are_reported(read):
    with pytest.raises(InputError, match="has no column label: its first line names path"):
        read("path,width,height", "im/{}.png,3,4")


def test_rows_of_boxes_are_one_image(read, tmp_path):
    (tmp_path / "boxes.csv").write_text("image_id,class_name,x\n000,a,1\n000,a,2\n001,b,1\n001,b,3\n")
    source = find_source(tmp_path / "boxes.csv")
    assert listed(source) == {"all": {"a": 1, "b": 1}}
    assert not source.several
    (tmp_path / "tags.csv").write_text("ImageID,LabelName\n000,a\n000,b\n001,b\n001,a\n002,a\n")
    source = find_source(tmp_path / "tags.csv")
    assert listed(source) == {"all": {"a + b": 2, "a": 1}}
    assert source.several


def test_an_image_that_a_list_names_again_is_a_fault_that_stays(read, tmp_path):
    rows = [f"im/{n:03d}.png,{'ab'[n % 2]}" for n in (*range(12), 0)]
    (tmp_path / "l.csv").write_text("\n".join(["path,label", *rows]))
    assert listed(find_source(tmp_path / "l.csv")) == {"all": {"a": 7, "b": 6}}


def test_a_compound_word_says_label():
    assert says_label("Prüfergebnis")
    assert says_label("Qualitätsklasse")
    assert not says_label("Helligkeit")
