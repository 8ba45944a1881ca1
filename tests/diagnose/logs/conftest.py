import pytest

from diagnose.logs.read import read_logs


@pytest.fixture
def log(tmp_path):
    """Writes a file and reads it back: log("name.csv", text) gives its History."""

    def written(name, text):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return read_logs(str(place))

    return written


@pytest.fixture
def run(log):
    """The same for a log of one run."""

    def only(name, text):
        (found,) = log(name, text).runs
        return found

    return only
