"""Settings files as values, every one with its line."""

import pytest

from diagnose.interpreter.values import plain
from diagnose.libraries.files import load_yaml, read_data


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.yaml", "a: 1\nb: [x, 2.5]\nc: {d: null}\n", {"a": 1, "b": ["x", 2.5], "c": {"d": None}}),
        ("a.json", '{"a": 1,\n\t"b": [true]}', {"a": 1, "b": [True]}),
        ("a.toml", "a = 1\n[t]\nb = [1, 2]\n", {"a": 1, "t": {"b": [1, 2]}}),
        ("a.ini", "[t]\nlr = 0.1\nname: x\n", {"t": {"lr": "0.1", "name": "x"}}),
    ],
)
def test_files_of_each_kind(tmp_path, name, text, expected):
    path = tmp_path / name
    path.write_text(text)
    assert plain(read_data(path)) == expected


def test_values_know_their_lines(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\nb:\n  - 2\n  - 3\n")
    found = read_data(path)
    assert (found.pairs["a"].at.line, found.pairs["b"].items[1].at.line) == (1, 4)
    path = tmp_path / "a.ini"
    path.write_text("[t]\n\nlr = 0.1\n")
    assert read_data(path).pairs["t"].pairs["lr"].at.line == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.yaml", "a: [1"), ("a.txt", "a: 1"), ("a.toml", "a = = 1"), ("a.ini", "no section"), ("a.json", "{")],
)
def test_what_is_not_readable_is_none(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    assert read_data(path) is None
    assert read_data(tmp_path / "gone.yaml") is None


def test_aliases_without_an_end_are_refused():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]
    with pytest.raises(ValueError, match="too many"):
        load_yaml("\n".join(rows))


def test_values_behind_a_merge_have_the_place_of_the_whole(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("base: &base\n  sizes: [1, 2]\nmine:\n  <<: *base\n  lr: 1\nseq: !!seq\n  - 1\n")
    assert plain(read_data(path))["mine"] == {"sizes": [1, 2], "lr": 1}
