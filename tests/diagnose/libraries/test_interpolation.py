"""References within settings: from the top, from where they stand, in lists, nested, and what is not found."""

import pytest

from diagnose.interpreter.values import clause

LOAD = "from omegaconf import OmegaConf\nx = OmegaConf.load('a.yaml')"


@pytest.mark.parametrize(
    ("yaml", "expression", "expected"),
    [
        ("lr: 1\na: {b: '${lr}'}\n", ".a.b", 1),
        ("a: {b: 1, c: '${.b}'}\n", ".a.c", 1),
        ("lr: 1\na: {b: '${..lr}'}\n", ".a.b", 1),
        ("n: 3\na: [{b: '${n}'}, '${n}']\n", ".a", [{"b": 3}, 3]),
        ("n: 3\na: [{b: '${...n}'}]\n", ".a", [{"b": 3}]),
        ("a: [1, 2]\nb: '${a.1}'\nc: '${a[0]}'\n", ".b", 2),
        ("a: [1, 2]\nc: '${a[0]}'\n", ".c", 1),
        ("k: one\none: 5\na: '${${k}}'\n", ".a", 5),
        ("a: net\nb: '${a}_${a}'\n", ".b", "net_net"),
        ("b: '${c}'\nc: '${d}'\nd: 4\n", ".b", 4),
        ("b: '${oc.env:PLACE,7}'\n", ".b", 7),
        ("b: '${oc.select:gone,7}'\n", ".b", 7),
        ("a: 3\nb: '${oc.select:a,7}'\n", ".b", 3),
        ("s: {k: 1}\nb: '${s}'\n", ".b.k", 1),
    ],
)
def test_a_reference_is_what_it_refers_to(value_of, yaml, expression, expected):
    assert value_of(LOAD + expression, a_dot_yaml=yaml) == expected


@pytest.mark.parametrize("text", ["${gone}", "${oc.env:PLACE}", "${now:%Y}", "${a.b.c}", "x${gone}", "${me}"])
def test_what_is_not_found_is_unknown(names, text):
    found = names(f"{LOAD}.me", a_dot_yaml=f"a: 1\nme: '{text}'\n")["x"]
    assert "interpolated" in clause(found)


@pytest.mark.parametrize(
    "yaml",
    ["me: ['${me}', '${me}']\n", "a: ['${b}']\nb: ['${a}', '${a}']\nme: '${a}'\n",
     "".join(f"a{n}: '{f'${{a{n - 1}}}' * 9}'\n" for n in range(1, 12)) + "a0: x\nme: '${a11}'\n"],
)  # fmt: skip
def test_what_never_ends_is_unknown(value_of, yaml):
    assert value_of(f"{LOAD}.me", a_dot_yaml=yaml) == "unknown"


def test_a_list_follows_what_replaces_it(value_of):
    text = "from omegaconf import OmegaConf\nx = OmegaConf.merge(OmegaConf.load('a.yaml'), {'n': 9}).a"
    assert value_of(text, a_dot_yaml="n: 3\na: [{b: '${n}'}]\n") == [{"b": 9}]
