"""Why values are not known: the kind of reason and the text that users see."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import cause, is_known


@pytest.mark.parametrize(
    ("text", "reason", "clause"),
    [
        ("import json\nx = json.load(open('a'))", Reason.RUN, "comes from json.load()"),
        ("import os\nx = os.environ['LR']", Reason.GIVEN, "environment (LR)"),
        ("def f(a):\n    return a\nx = f()", Reason.GIVEN, "is given by what calls it"),
        ("x = 1 if open('a').read() else 2", Reason.CONDITION, "1 or 2"),
        ("import torch\nx = 0\nfor a in torch.load('a'):\n    x += a", Reason.CHANGES, "changes in a loop"),
        ("x = nothing_of_the_kind", Reason.UNREAD, "not defined"),
        ("x = 1 / 0", Reason.UNFOLLOWED, "cannot be computed"),
        ("x = {'a': 1}['b']", Reason.NOWHERE, "not among its keys"),
        ("for x in open('a'):\n    pass\nx = 2 * undefined", Reason.UNREAD, "not defined"),
    ],
)
def test_the_kind_of_reason(tmp_path, text, reason, clause):
    found = names(followed(tmp_path, text))["x"]
    why = cause(found)
    assert (is_known(found), why.reason) == (False, reason)
    assert clause in why.clause
