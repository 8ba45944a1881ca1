import asyncio
import subprocess

import pytest
from folders import fill

from diagnose.tui import looking


async def test_the_answer_comes_from_a_process_of_its_own(tmp_path):
    root = fill(tmp_path / "photos", {"cat": 3, "dog": 2})
    assert await looking.looked_at("preview", str(root)) == {"text": "2 classes, 5 images.", "readable": True}
    found = await looking.looked_at("here", str(tmp_path))
    assert found["text"] == "photos/ (2 classes, 5 images)"
    assert await looking.looked_at("here", str(tmp_path / "photos" / "cat" / "gone")) is None


async def test_what_takes_too_long_or_is_cancelled_ends_its_process(tmp_path, monkeypatch):
    started = []
    begin = subprocess.Popen

    def kept(words, **more):
        started.append(begin(["sleep", "600"], **more))
        return started[-1]

    monkeypatch.setattr(looking.subprocess, "Popen", kept)
    monkeypatch.setattr(looking, "PATIENCE", 0.1)
    assert await looking.looked_at("here", str(tmp_path)) is None
    monkeypatch.setattr(looking, "PATIENCE", 600)
    waiting = asyncio.create_task(looking.looked_at("here", str(tmp_path)))
    while len(started) < 2:
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert [process.returncode for process in started] == [-9, -9]
