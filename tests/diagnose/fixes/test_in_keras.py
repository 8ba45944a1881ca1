"""How Keras programs are mended: nothing is proposed for what the rewrites do not fit."""

import pytest

from diagnose.fixes.place import Place
from diagnose.fixes.rewrites import REWRITES
from diagnose.fixes.script import Script

NONE = [
    ("compile-again", 2, "m.compile('adam')\nbase.trainable = True\nother.fit(x)\n"),
    ("compile-again", 1, "base.trainable = True\n"),
    ("mix-before-split", 2, "import numpy as np\nm.fit(f(x), y, validation_split=0.1)\n"),
    ("mix-before-split", 1, "m.fit(x, y, validation_split=0.1)\n"),
    ("keep-labels", 1, "y = y / 10\n"),
]


@pytest.mark.parametrize(("name", "line", "text"), NONE)
def test_nothing_is_proposed_where_it_does_not_fit(name, line, text):
    assert list(REWRITES[name](Place(Script(text), line, {}))) == []
