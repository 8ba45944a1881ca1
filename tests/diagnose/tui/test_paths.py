from diagnose.tui.paths import completed


def test_the_first_name_that_begins_so_is_taken(tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    (tmp_path / "plan.txt").write_text("")
    (tmp_path / "photos" / "train").mkdir()
    monkeypatch.chdir(tmp_path)
    assert completed("ph") == "photos/"
    assert completed("pl") == "plan.txt"
    assert completed("photos/t") == "photos/train/"
    assert completed(f"{tmp_path}/ph") == f"{tmp_path}/photos/"


def test_nothing_typed_and_nothing_there_is_completed_by_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert completed("") is None
    assert completed("photos/") is None
    assert completed("gone/x") is None
    assert completed("x") is None
