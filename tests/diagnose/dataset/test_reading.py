import pytest

from diagnose.dataset.reading import READERS, name_of, read


def test_a_file_of_its_own(tmp_path):
    (tmp_path / "a").write_bytes(b"all of it")
    assert read(str(tmp_path / "a")) == b"all of it"


@pytest.mark.parametrize("member", ["zip|a.jpg", "slice|0|10|a.jpg", "idx|0|0", "cifar|0|0", "row|0|0|image|0.0"])
def test_what_cannot_be_read_is_an_oserror(tmp_path, member):
    (tmp_path / "file").write_bytes(b"nothing of the kind")
    with pytest.raises(OSError, match=r"."):
        read(str(tmp_path / "gone"), member)
    if not member.startswith("slice"):
        with pytest.raises(OSError, match=r"."):
            read(str(tmp_path / "file"), member)


def test_names_may_hold_the_separator():
    assert name_of("zip|cat/a|b.jpg") == "cat/a|b.jpg"
    assert name_of("slice|512|10|cat/a|b.jpg") == "cat/a|b.jpg"
    assert {kind for kind in READERS if name_of(f"{kind}|1|2|3|4")} == set(READERS)
