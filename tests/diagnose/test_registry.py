import sys
from types import ModuleType

import pytest

from diagnose import registry
from diagnose.model import Check, InputError
from diagnose.registry import choose, explanation, load_checks


def nothing(evidence):
    return iter(())


def test_it_finds_checks_sorted_by_code():
    codes = list(load_checks())
    assert codes == sorted(codes)
    assert "D101" in codes


@pytest.fixture
def plugin(monkeypatch, tmp_path):
    """A package of checks that announces itself by entry point."""

    def installed(code, name):
        folder = tmp_path / "plugged"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        (folder / "rule.py").write_text(
            f'"""A rule from elsewhere."""\nfrom diagnose.model import Check\n\n\ndef judge(evidence):\n'
            f'    return iter(())\n\n\nCHECK = Check("{code}", "{name}", (), judge)\n'
        )
        monkeypatch.syspath_prepend(tmp_path)

        class Point:
            @staticmethod
            def load() -> ModuleType:
                import plugged

                return plugged

        monkeypatch.setattr(registry, "entry_points", lambda group: [Point])

    yield installed
    for name in ("plugged", "plugged.rule"):
        sys.modules.pop(name, None)


def test_checks_of_other_packages_join_in(plugin):
    plugin("X001", "from-elsewhere")
    check = load_checks()["X001"]
    assert explanation(check) == "A rule from elsewhere."


@pytest.mark.parametrize(("code", "name"), [("D101", "another-name"), ("X001", "unreadable-image")])
def test_a_code_or_name_that_is_taken_is_refused_aloud(plugin, code, name):
    plugin(code, name)
    with pytest.raises(RuntimeError, match="is taken by D101 unreadable-image"):
        load_checks()


CHECKS = {c: Check(c, n, (), nothing) for c, n in (("C301", "a-claim"), ("C302", "a-rate"), ("D101", "a-file"))}


@pytest.mark.parametrize(
    ("select", "ignore", "chosen"),
    [
        ([], [], ["C301", "C302", "D101"]),
        (["C"], [], ["C301", "C302"]),
        (["c30"], ["C302"], ["C301"]),
        (["a-file"], [], ["D101"]),
        ([], ["C", "D"], []),
    ],
)
def test_choosing_by_code_beginning_or_name(select, ignore, chosen):
    assert list(choose(CHECKS, select, ignore)) == chosen


def test_an_unknown_code_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="No check is called 'C303'; did you mean C30"):
        choose(CHECKS, ["C303"], [])
