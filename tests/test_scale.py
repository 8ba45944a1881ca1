"""The short form of tests/benchmarks/scale.py: it runs, and prints what it promises."""

import sys

import pytest
from benchmarks import scale


@pytest.mark.slow
def test_what_a_hundred_million_images_would_take_is_reckoned(image_folder, monkeypatch, capsys):
    root = image_folder({"cat": 20, "dog": 20})
    monkeypatch.setattr(scale, "SIZE", 4_000)
    monkeypatch.setattr(sys, "argv", ["scale.py", str(root)])
    scale.main()
    told = capsys.readouterr().out
    for part in ("images/s", "TB", "dollars", "GB of memory", "core hours", "a reckoning"):
        assert part in told, told
