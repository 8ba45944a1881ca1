import numpy as np
import pytest
from folders import listed

from diagnose.dataset.image import measure_all
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError

RNG = np.random.default_rng(0)


def row(count=784):
    return ",".join(map(str, RNG.integers(0, 255, count)))


def write(path, head, *rows):
    path.write_text("\n".join([*([head] if head else []), *rows]))
    return path


def sound(source):
    return {(m.fault, m.width) for m in measure_all([(e.path, e.member) for e in source.entries()])}


def test_a_column_for_each_pixel(tmp_path):
    head = "label," + ",".join(f"pixel{number}" for number in range(784))
    source = find_source(write(tmp_path / "train.csv", head, *(f"{n % 3},{row()}" for n in range(6))))
    assert listed(source) == {"all": {"0": 2, "1": 2, "2": 2}}
    assert sound(source) == {(None, 28)}
    write(tmp_path / "test.csv", head.removeprefix("label,"), row())
    assert listed(find_source(tmp_path)) == {"train": {"0": 2, "1": 2, "2": 2}}
    with pytest.raises(InputError, match="holds pixels and no label"):
        find_source(tmp_path / "test.csv")


def test_without_a_head(tmp_path):
    source = find_source(write(tmp_path / "a.csv", "", *(f"{n % 2},{row()}" for n in range(8))))
    assert listed(source) == {"all": {"0": 4, "1": 4}}
    assert sound(source) == {(None, 28)}


def test_all_pixels_in_one_column(tmp_path):
    rows = [f"{n % 2},{row(48 * 48).replace(',', ' ')},{'Training' if n < 4 else 'PublicTest'}" for n in range(6)]
    source = find_source(write(tmp_path / "fer2013.csv", "emotion,pixels,Usage", *rows))
    assert listed(source) == {"train": {"0": 2, "1": 2}, "val": {"0": 1, "1": 1}}
    assert sound(source) == {(None, 48)}
