"""Regular expressions on known texts, and none that may take for ever."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import truth


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("re.match('layer4|fc', 'layer4.0.weight')", True),
        ("re.match('fc', 'layer4.0.fc')", False),
        ("re.search('fc', 'layer4.0.fc')", True),
        ("re.search(r'layer[34]', 'layer2')", False),
        ("re.fullmatch('bn.*', 'bn1.bias')", True),
        ("re.fullmatch('bn', 'bn1.bias')", False),
        ("re.match('(a+)+b', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", None),
        ("re.match('a*a*a*b', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", None),
        ("re.match('(', 'a')", None),
        ("re.match('a', 'A', re.I)", None),
        ("re.match('a', input())", None),
        ("re.match('a', 'a' * 900)", None),
    ],
)
def test_what_a_search_comes_to(tmp_path, search, expected):
    assert truth(names(followed(tmp_path, f"import re\nx = {search}"))["x"]) is expected
