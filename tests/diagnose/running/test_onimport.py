import sys

from diagnose.running import onimport


def test_a_function_waits_for_its_module_and_comes_at_once_where_it_is_there(tmp_path, monkeypatch):
    (tmp_path / "waited_for.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    seen = []
    onimport.when("waited_for", lambda module: seen.append(module.VALUE))
    assert seen == []
    import waited_for

    assert seen == [1]
    assert waited_for.__spec__.loader is not None
    onimport.when("waited_for", lambda module: seen.append(module.VALUE))
    assert seen == [1, 1]
    onimport._FINDER.waiting.pop("waited_for")


def test_modules_that_nobody_waits_for_are_left_alone():
    assert onimport._FINDER.find_spec("json", None) is None
