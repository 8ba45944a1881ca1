import struct

import pytest

from diagnose.dataset.sources.protobuf import fields, floats, number, numbers


def test_fields_of_every_kind():
    message = b"\x08\x96\x01\x12\x02hi\x1d" + struct.pack("<f", 1.0) + b"\x21" + b"\0" * 8
    assert [key for key, _ in fields(message)] == [1, 2, 3, 4]
    assert dict(fields(message))[1] == 150
    assert dict(fields(message))[2] == b"hi"


@pytest.mark.parametrize("message", [b"\x12\x09hi", b"\x0b", b"\x08" + b"\xff" * 12])
def test_bytes_that_arent_a_message(message):
    with pytest.raises((ValueError, IndexError)):
        list(fields(message))


def test_packed_numbers():
    assert numbers(b"\x01\x96\x01" + b"\xff" * 9 + b"\x01") == [1, 150, -1]
    assert floats(struct.pack("<2f", 1, 2)) == [1.0, 2.0]
    with pytest.raises(TypeError):
        number(b"x")
