"""A program against a patched one, both really run."""

import sys
import threading
from pathlib import Path

import pytest

from diagnose import own_program
from diagnose.running.child import Asked
from diagnose.running.compared import compared

sys.path.insert(0, str(Path(__file__).parent))
from programs import changed

BRIGHTNESS = (
    "images = torch.rand(96, 3, 16, 16)\nlabels = torch.arange(96) % 3",
    "labels = torch.arange(96) % 3\nimages = torch.rand(96, 3, 16, 16) * 0.01 + labels.view(-1, 1, 1, 1) / 3",
)
FROZEN = ("SGD(net.parameters(), lr=0.05", "SGD(net.parameters(), lr=1e-9")


@pytest.mark.slow
def test_a_patch_that_helps_is_measured_over_pairs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.py").write_text(changed(BRIGHTNESS, FROZEN))
    (tmp_path / "new.py").write_text(changed(BRIGHTNESS))
    said = []
    sentence = own_program.gain("old.py", "new.py", 150.0, False, said.append)
    assert sentence.startswith(("Not decided: +", "Verified, indicated: the patched program gains +"))
    assert "3 paired runs of the program itself" in sentence
    assert len(said) == 3


def test_a_patched_program_that_fails_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.py").write_text(changed(BRIGHTNESS))
    (tmp_path / "new.py").write_text("raise ValueError('a bad patch')")
    old, new = (Asked(Path(name), (), name) for name in ("old.py", "new.py"))
    pairs = compared(old, new, 90.0, threading.Event(), lambda text: None)
    assert "the patched program: ValueError: a bad patch" in pairs.why
