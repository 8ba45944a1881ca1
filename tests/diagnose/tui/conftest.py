"""Screens over the engine's answers, each asked once: these tests press keys, and the engine has tests of its own.

The files of a request lie where they lay for the test before, so that it is the same request; a test may write to its
configuration, which is made anew for each. The same screens over the engine at work are in tests/test_screens.py.
"""

import pytest
from folders import fill
from replaying import Replay


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder for all tests of this process."""
    return tmp_path_factory.mktemp("screens")


@pytest.fixture(scope="session")
def root(place):
    """Images that no test may change."""
    return fill(place / "images", {"train/cat": 20, "train/dog": 20, "val/cat": 60, "val/dog": 60})


@pytest.fixture
def sick(place):
    path = place / "sick.yaml"
    path.write_text("method: transfer\nweights: none\nlearning_rate: 10\n")
    return path


@pytest.fixture
def steep(place):
    path = place / "steep.yaml"
    path.write_text("method: scratch\nweights: none\noptimizer: sgd\nlearning_rate: 1000\nhead: 2\n")
    path.with_name("steep.yaml.orig").unlink(missing_ok=True)
    return path


@pytest.fixture(scope="session")
def replay():
    return Replay()


@pytest.fixture(autouse=True)
def plain(monkeypatch, replay):
    monkeypatch.setattr("diagnose.tui.driver.diagnose", replay)
    for name in ("NO_COLOR", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
