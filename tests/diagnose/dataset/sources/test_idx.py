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
