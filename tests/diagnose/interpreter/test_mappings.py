"""Objects that are dicts: their keys are attributes and items alike."""

import pytest

from diagnose.interpreter.mappings import is_mapping

OWN = """
class Config(dict):
    def __init__(self, pairs):
        super().__init__()
        for key, value in pairs.items():
            self[key] = Config(value) if isinstance(value, dict) else value
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)
c = Config({'a': {'b': {'c': {'d': 1}}}, 'n': 2})
"""
PLAIN = """
class AttrDict(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.__dict__ = self
c = AttrDict({'n': 2}, m=3)
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OWN + "x = (c.a.b.c.d, c['a']['b']['c']['d'], c.n)", (1, 1, 2)),
        (OWN + "x = (c.get('n'), c.get('z', 7), list(c.a.b))", (2, 7, ["c"])),
        (OWN + "def f(a, n):\n    return n\nx = f(**c)", 2),
        (OWN + "x = [k for k, v in c.items()]", ["a", "n"]),
        (OWN + "c.update(n=5)\nc['k'] = 6\nc.j = 7\nx = (c.n, c.k, c.j)", (5, 6, 7)),
        (OWN + "x = isinstance(c, dict) and 'yes'", "yes"),
        (OWN + "x = dict(c)['n']", 2),
        (PLAIN + "x = (c.n, c.m, c['m'], c.copy()['n'])", (2, 3, 3, 2)),
        ("class C(dict):\n    pass\nc = C(a=1)\nx = (c['a'], c.pop('a'))", (1, 1)),
        ("class C:\n    def __init__(self, d):\n        self._d = d\n    def __getattr__(self, k):\n"
         "        return self._d[k]\nx = C({'lr': 3}).lr", 3),
        ("class C:\n    def __init__(self):\n        self.d = {}\n    def __setitem__(self, k, v):\n"
         "        self.d[k] = v\nc = C()\nc['a'] = 4\nx = c.d['a']", 4),
    ],
)  # fmt: skip
def test_keys_are_attributes_and_items(value_of, text, expected):
    assert value_of(text) == expected


def test_other_objects_are_not_dicts(names):
    found = names("class A:\n    pass\nclass B(dict):\n    pass\na, b = A(), B()")
    assert (is_mapping(found["a"]), is_mapping(found["b"])) == (False, True)
