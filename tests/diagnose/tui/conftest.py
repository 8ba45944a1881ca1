import pytest


@pytest.fixture
def root(image_folder):
    return image_folder({"train/cat": 20, "train/dog": 20, "val/cat": 60, "val/dog": 60})


@pytest.fixture
def sick(tmp_path):
    path = tmp_path / "sick.yaml"
    path.write_text("method: transfer\nweights: none\nlearning_rate: 10\n")
    return path


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("NO_COLOR", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
