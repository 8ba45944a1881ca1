import sqlite3
import threading

import numpy as np
import pytest

from diagnose.probing.cache import Cache, key_of

VALUE = {"accuracy": 0.5, "curve": [[0, 1.5], [1, 1.25]], "hits": np.array([1.0, 0.0]), "void": False}


def test_what_is_put_comes_back_in_another_session(tmp_path):
    Cache(tmp_path).put("key", VALUE)
    outcome = Cache(tmp_path).get("key")
    assert {name: outcome[name] for name in ("accuracy", "curve", "void")} == {
        name: VALUE[name] for name in ("accuracy", "curve", "void")
    }
    assert outcome["hits"].tolist() == [1.0, 0.0]
    assert "key" in Cache(tmp_path)


def test_what_is_not_there_is_none(tmp_path):
    assert Cache(tmp_path).get("key") is None
    assert "key" not in Cache(tmp_path)


def test_without_a_folder_nothing_is_kept():
    cache = Cache(None)
    cache.put("key", VALUE)
    assert cache.get("key") is None
    assert "key" not in cache


@pytest.mark.parametrize("rubbish", [b"", b"not a database at all", b"SQLite format 3\0" + bytes(50)])
def test_a_broken_file_is_begun_afresh(tmp_path, rubbish):
    (tmp_path / "probes.sqlite").write_bytes(rubbish)
    cache = Cache(tmp_path)
    cache.put("key", VALUE)
    assert cache.get("key")["accuracy"] == 0.5


def test_a_broken_value_is_as_if_it_were_not_there(tmp_path):
    Cache(tmp_path).put("key", VALUE)
    with sqlite3.connect(tmp_path / "probes.sqlite") as db:
        db.execute("UPDATE result SET value = ?", (b"rubbish",))
    assert Cache(tmp_path).get("key") is None


def test_a_folder_that_cannot_be_made_costs_the_cache_alone(tmp_path):
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "below")
    cache.put("key", VALUE)
    assert cache.get("key") is None


def test_two_sessions_write_at_once(tmp_path):
    def write(name):
        cache = Cache(tmp_path)
        for number in range(20):
            cache.put(f"{name}{number}", VALUE)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cache = Cache(tmp_path)
    assert all(f"{name}{number}" in cache for name in "ab" for number in range(20))


def test_only_the_latest_results_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("diagnose.probing.cache.MOST", 3)
    cache = Cache(tmp_path)
    for number in range(6):
        cache.put(str(number), VALUE)
    assert [str(number) in cache for number in range(6)] == [False] * 3 + [True] * 3


def test_keys_follow_the_content():
    assert key_of("run", {"a": 1, "b": (2,)}) == key_of("run", {"b": [2], "a": 1})
    assert key_of("run", 1) != key_of("run", 2)
