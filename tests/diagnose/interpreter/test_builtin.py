"""Python's own functions on values that are known, and the registry of what calls come to."""

import pytest


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("max([1, 5, 3])", 5),
        ("min(4, 2)", 2),
        ("round(2.6)", 3),
        ("bool([])", False),
        ("len({'a': 1})", 1),
        ("len('abc')", 3),
        ("len(os.listdir('.'))", "unknown"),
        ("int('many')", "unknown"),
        ("1 / int('0')", "unknown"),
        ("list(range(3))", [0, 1, 2]),
        ("sorted(('b', 'a'))", ["a", "b"]),
        ("sorted([1, 3, 2], reverse=True)", [3, 2, 1]),
        ("np.array([0.1, 0.2])", [0.1, 0.2]),
        ("dict(a=1, **{'b': 2})", {"a": 1, "b": 2}),
        ("dict([('a', 1)])", {"a": 1}),
        ("list(map(float, '1,2'.split(',')))", [1.0, 2.0]),
        ("list(filter(lambda n: n > 1, [1, 2, 3]))", [2, 3]),
        ("next(iter([7, 7]))", 7),
        ("isinstance(3, int)", True),
        ("isinstance(True, int)", True),
        ("isinstance([], (list, tuple))", True),
        ("isinstance({}, list)", False),
        ("hasattr(SimpleNamespace(a=1), 'a')", True),
        ("hasattr(SimpleNamespace(a=1), 'b')", False),
        ("getattr(SimpleNamespace(a=1), 'b', 4)", 4),
        ("callable(print)", "unknown"),
        ("callable(lambda: 1)", True),
        ("partial(lambda a, b: a + b, 1)(2)", 3),
        ("{'a': 1}.get('b', 2)", 2),
        ("{'a': 1}.get('b')", None),
        ("list({'a': 1}.items())", [("a", 1)]),
        ("list({'a': 1}.keys())", ["a"]),
        ("list({'a': 1}.values())", [1]),
        ("'a,b'.split(',')", ["a", "b"]),
        ("'{}-{}'.format(1, 'x')", "1-x"),
        ("'aba'.count('a')", 2),
        ("[1, 2].index(2)", 1),
        ("os.path.join('a', 'b')", "a/b"),
        ("math.ceil(1.2)", 2),
        ("any([0, 1])", True),
        ("round(open('f').read() or 1)", "unknown"),
        ("math.sqrt(-1)", "unknown"),
        ("len(Sized())", 7),
        ("list()", []),
        ("dict()", {}),
        ("dict(Sized())", {}),
        ("hasattr(torch.nn.Linear(1, 2), 'nothing')", "unknown"),
        ("hasattr(open('f').read(), 'a')", "unknown"),
        ("[n for n in dir(Sized) if n == 'lr']", ["lr"]),
        ("isinstance(Sized(), Sized)", True),
        ("isinstance(Sized, str)", False),
        ("isinstance(torch.nn.Linear(1, 2), torch.nn.Linear)", True),
        ("isinstance(open('f').read(), str)", "unknown"),
        ("getattr(Sized, 'lr')", 3),
        ("getattr(Sized, open('f').read())", "unknown"),
        ("list(map(lambda n: n, open('f')))", "unknown"),
        ("map(3, [1])", "unknown"),
        ("list(filter(lambda n: n > float(open('f').read()), [1, 2]))", "unknown"),
        ("{'a': 1}.pop(open('f').read(), 2)", "unknown"),
        ("open('f').read().split()", "unknown"),
        ("'a'.join(open('f'))", "unknown"),
        ("[1, 2].count(2)", "unknown"),
        ("[1, 1].index(5)", "unknown"),
        ("type(Sized()).lr", 3),
        ("OmegaConf.set_struct({}, True)", None),
        ("max(float(open('f').read()), 1)", "unknown"),
        ("sum(open('f'))", "unknown"),
        ("int(1 if torch.rand(1) > 0 else 2)", "unknown"),
        ("[n for n in {'a': 1}.copy()]", ["a"]),
        ("[1, 2].copy()", [1, 2]),
        ("copy.deepcopy({'a': {'b': 1}})['a']['b']", 1),
    ],
)
def test_functions_of_python(value_of, expression, expected):
    head = (
        "import copy, math, os\nimport numpy as np\nfrom functools import partial\nfrom types import SimpleNamespace\n"
        "import torch\nfrom omegaconf import OmegaConf\n"
        "class Sized:\n    lr = 3\n    def __len__(self):\n        return 7\n"
    )
    assert value_of(f"{head}x = {expression}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = []\nx.append(1)\nx.extend([2, 3])\nx.insert(0, 0)", [0, 1, 2, 3]),
        ("x = []\nfor n in open('f'):\n    x.append(n)", "unknown"),
        ("class C: pass\nc = C()\nsetattr(c, 'a', 5)\nx = c.a", 5),
        ("a = {'b': {'c': 1}}\nimport copy\nb = copy.deepcopy(a)\nb['b']['c'] = 2\nx = a['b']['c']", 1),
        ("a = {'b': 1}\nc = a.copy()\nc['b'] = 2\nx = (a['b'], c['b'])", (1, 2)),
        ("class C:\n    def __init__(self):\n        self.a = 1\nc = C()\nvars(c)['a'] = 2\nx = c.a", 2),
    ],
)
def test_what_methods_leave_behind(value_of, text, expected):
    assert value_of(text) == expected
