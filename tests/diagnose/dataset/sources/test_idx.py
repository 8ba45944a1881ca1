import gzip
import io

import numpy as np
import pytest
from PIL import Image

from diagnose.dataset.reading import read
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def write(path, values):
    header = (0x0800 + values.ndim).to_bytes(4, "big") + b"".join(side.to_bytes(4, "big") for side in values.shape)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wb") as file:
        file.write(header + values.tobytes())


@pytest.fixture
def mnist(tmp_path):
    def make(ending="", images=20, labels=20):
        raw = tmp_path / "MNIST" / "raw"
        raw.mkdir(parents=True)
        rng = np.random.default_rng(0)
        for prefix in ("train", "t10k"):
            write(raw / f"{prefix}-images-idx3-ubyte{ending}", rng.integers(0, 255, (images, 28, 28)).astype(np.uint8))
            write(raw / f"{prefix}-labels-idx1-ubyte{ending}", (np.arange(labels) % 2).astype(np.uint8))
        return tmp_path

    return make


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_mnists_own_files(mnist, scanned, ending):
    root = mnist(ending)
    data = scanned(root)
    assert data.counts == {"test": {"0": 10, "1": 10}, "train": {"0": 10, "1": 10}}
    assert (data.width.median, data.height.median, set(data.modes)) == (28, 28, {"L"})
    entry = next(iter(find_source(root).entries()))
    pixels = np.asarray(Image.open(io.BytesIO(read(entry.path, entry.member))))
    assert np.array_equal(pixels, np.random.default_rng(0).integers(0, 255, (20, 28, 28)).astype(np.uint8)[0])


def test_labels_that_do_not_belong_to_the_images(mnist):
    with pytest.raises(InputError, match=r"20 images, but .* 19 labels"):
        find_source(mnist(labels=19))


def test_a_cut_file(mnist):
    root = mnist()
    file = root / "MNIST/raw/train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(InputError, match="it is cut off"):
        find_source(root)


def emnist(root, name, splits=("train", "test")):
    for split in splits:
        images = np.random.default_rng(0).integers(0, 255, (20, 28, 28)).astype(np.uint8)
        write(root / f"{name}-{split}-images-idx3-ubyte.gz", images)
        write(root / f"{name}-{split}-labels-idx1-ubyte.gz", (1 + np.arange(20) % 2).astype(np.uint8))
    (root / f"{name}-mapping.txt").write_text("1 65 97\n2 66 98\n")


def test_emnists_names_and_its_mapping(tmp_path, scanned):
    (tmp_path / "gzip").mkdir()
    emnist(tmp_path / "gzip", "emnist-letters")
    one = {"A": 10, "B": 10}
    assert scanned(tmp_path).counts == {"train": one, "test": one}


def test_several_sets_are_refused_with_a_file_that_names_one(tmp_path, scanned):
    emnist(tmp_path, "emnist-letters")
    emnist(tmp_path, "emnist-digits", ("train",))
    with pytest.raises(InputError, match=r"holds 2 sets .emnist-digits, emnist-letters.: give a file"):
        find_source(tmp_path)
    assert scanned(tmp_path / "emnist-digits-train-images-idx3-ubyte.gz").counts == {"train": {"A": 10, "B": 10}}


def test_other_names_of_the_same_files(tmp_path, scanned):
    raw = {"images": np.zeros((4, 9, 9), np.uint8), "labels": np.arange(4, dtype=np.uint8) % 2}
    for what, values in raw.items():
        folder = tmp_path / f"train-{what}-idx{values.ndim}-ubyte"
        folder.mkdir()
        write(folder / f"train-{what}-idx{values.ndim}-ubyte", values)
        write(tmp_path / f"val-{what}.idx{values.ndim}-ubyte", values)
    one = {"0": 2, "1": 2}
    assert scanned(tmp_path).counts == {"train": one, "val": one}


@pytest.mark.parametrize("names", ["{}-images.gz {}-labels.gz", "{}_images.idx {}_labels.idx", "{}-images {}-labels"])
def test_short_names_whose_first_bytes_say_the_format(tmp_path, scanned, names):
    for split in ("train", "test"):
        images, labels = names.format(split, split).split()
        write(tmp_path / images, np.random.default_rng(0).integers(0, 255, (20, 28, 28)).astype(np.uint8))
        write(tmp_path / labels, (np.arange(20) % 2).astype(np.uint8))
    assert scanned(tmp_path).counts == {"test": {"0": 10, "1": 10}, "train": {"0": 10, "1": 10}}


def test_files_of_that_name_and_another_format_are_left_alone(tmp_path):
    (tmp_path / "train-images.gz").write_bytes(b"no gzip")
    (tmp_path / "labels").write_text("a,b")
    with pytest.raises(InputError):
        find_source(tmp_path)
