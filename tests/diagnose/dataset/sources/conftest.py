"""Scanning a source of any kind."""

import threading

import pytest

from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import summarise


@pytest.fixture
def scanned():
    def look(path):
        with Store() as store:
            source = find_source(path)
            list(scan(source, store, threading.Event()))
            return summarise(store, source)

    return look


@pytest.fixture
def png(image_folder):
    """The bytes of an image."""
    return lambda number=0: (image_folder({"any": number + 1}) / "any" / f"{number:03}.png").read_bytes()
