from collections import Counter

from diagnose.model import EACH_WITH_EACH, MISTAKES, WORKERS_ALIKE
from diagnose.registry import load_checks


def test_every_kind_is_judged_by_one_check():
    judged = Counter(
        kind
        for check in load_checks().values()
        for kind in check.judge.__globals__.get("RULES", {})
        if kind in MISTAKES
    )
    assert set(judged) == set(MISTAKES) - {EACH_WITH_EACH, WORKERS_ALIKE}  # R619 and R621 judge these
    assert set(judged.values()) == {1}
