"""How Keras programs are mended: what each rewrite proposes first."""

import pytest

from diagnose.fixes.rewrites import REWRITES
from diagnose.fixes.script import Place, Script

FITTED = "m.compile('adam', 'mse')\nm.fit(x)\nbase.trainable = True\nm.fit(x)\n"
CASES = [
    ("compile-again", 3, FITTED, FITTED.replace("True\n", "True\nm.compile('adam', 'mse')\n")),
    ("mix-before-split", 4, "import numpy as np\nx = np.array(a)\ny = np.array(b)\nm.fit(x, y, validation_split=0.1)\n",
     "import numpy as np\nx = np.array(a)\ny = np.array(b)\norder = np.random.default_rng(0).permutation(len(x))\n"
     "x, y = x[order], y[order]\nm.fit(x, y, validation_split=0.1)\n"),
    ("keep-labels", 1, "y = y / 255.0\n", "y = y\n"),
    ("outputs-as-probabilities", 1, "m.add(Dense(5))\n", 'm.add(Dense(5, activation="softmax"))\n'),
    ("outputs-as-probabilities", 1, "m.add(Dense(5, activation='relu'))\n", "m.add(Dense(5, activation=\"softmax\"))\n"),
]  # fmt: skip
NONE = [
    ("compile-again", 2, "m.compile('adam')\nbase.trainable = True\nother.fit(x)\n"),
    ("compile-again", 1, "base.trainable = True\n"),
    ("mix-before-split", 3, "import numpy as np\nx = [1]\nm.fit(x, y, validation_split=0.1)\n"),
    ("mix-before-split", 1, "m.fit(x, y, validation_split=0.1)\n"),
    ("keep-labels", 1, "y = y / 10\n"),
]


@pytest.mark.parametrize(("name", "line", "text", "first"), CASES)
def test_the_first_proposal(name, line, text, first):
    assert next(iter(REWRITES[name](Place(Script(text), line, {})))) == first


@pytest.mark.parametrize(("name", "line", "text"), NONE)
def test_nothing_is_proposed_where_it_does_not_fit(name, line, text):
    assert list(REWRITES[name](Place(Script(text), line, {}))) == []
