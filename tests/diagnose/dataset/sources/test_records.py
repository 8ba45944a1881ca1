import struct

import numpy as np
import pytest
from folders import listed

from diagnose.dataset.image import measure_all
from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, body):
    return bytes([number << 3 | 2]) + varint(len(body)) + body


def feature(name, value):
    held = field(1, field(1, value)) if isinstance(value, bytes) else field(3, field(1, varint(value)))
    return field(1, field(1, name.encode()) + field(2, held))


def write(path, *examples):
    records = [field(1, b"".join(feature(*item) for item in one.items())) for one in examples]
    path.write_bytes(b"".join(struct.pack("<Q", len(one)) + b"\0" * 4 + one + b"\0" * 4 for one in records))


def test_encoded_images_with_the_names_that_tfds_keeps(tmp_path, png):
    for split, count in (("train", 4), ("test", 2)):
        write(tmp_path / f"set-{split}.tfrecord-00000-of-00001",
              *({"image": png(n), "label": n % 2} for n in range(count)))  # fmt: skip
    (tmp_path / "label.labels.txt").write_text("cat\ndog")
    source = find_source(tmp_path)
    assert listed(source) == {"test": {"cat": 1, "dog": 1}, "train": {"cat": 2, "dog": 2}}
    assert {one.fault for one in measure_all([(e.path, e.member) for e in source.entries()])} == {None}


def test_raw_pixels_with_their_sides(tmp_path):
    raw = np.zeros((6, 5, 3), np.uint8).tobytes()
    write(tmp_path / "a.tfrecord", {"image_raw": raw, "height": 6, "width": 5, "depth": 3, "label": 1})
    (entry,) = find_source(tmp_path / "a.tfrecord").entries()
    (one,) = measure_all([(entry.path, entry.member)])
    assert (one.fault, one.width, one.height, entry.label) == (None, 5, 6, "1")


def test_a_text_names_the_class(tmp_path, png):
    write(tmp_path / "a.tfrec", {"image/encoded": png(), "image/class/label": 7, "image/class/text": b"cat"})
    assert listed(find_source(tmp_path / "a.tfrec")) == {"all": {"cat": 1}}


def test_records_without_labels_name_their_features(tmp_path, png):
    write(tmp_path / "a.tfrecord", {"image": png(), "size": 3})
    with pytest.raises(InputError, match="has no label among its features image, size"):
        find_source(tmp_path / "a.tfrecord")


@pytest.mark.parametrize("file", [b"no records at all, and long enough", b"\x1f\x8b" + b"x" * 30, b""])
def test_other_files_than_records_are_reported(tmp_path, file):
    (tmp_path / "a.tfrecord").write_bytes(file)
    with pytest.raises(InputError, match=r"a\.tfrecord"):
        find_source(tmp_path / "a.tfrecord")
