"""Scan any path."""

import threading

import pytest

from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import summarise


@pytest.fixture
def scanned():
    """A function from a path to the Dataset of a complete scan."""

    def look(path):
        with Store() as store:
            source = find_source(path)
            list(scan(source, store, threading.Event()))
            return summarise(store, source)

    return look
