import pickle

import numpy as np
import pytest

from diagnose.dataset.sources.find import find_source
from diagnose.model import InputError


class Harm:
    def __reduce__(self):
        return print, ("harm",)


@pytest.fixture
def cifar(tmp_path):
    def make(first=None):
        folder = tmp_path / "cifar-10-batches-py"
        folder.mkdir()
        rng = np.random.default_rng(0)
        for batch in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
            content = {"data": rng.integers(0, 255, (4, 3072)).astype(np.uint8), "labels": [0, 1, 0, 1]}
            (folder / batch).write_bytes(pickle.dumps(content))
        (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": ["airplane", "automobile"]}))
        if first is not None:
            (folder / "data_batch_1").write_bytes(first)
        return tmp_path

    return make


def test_cifars_own_files(cifar, scanned):
    data = scanned(cifar())
    assert data.counts["train"] == {"airplane": 10, "automobile": 10}
    assert data.counts["test"] == {"airplane": 2, "automobile": 2}
    assert (data.width.median, data.faults) == (32, {})


def test_a_pickle_that_runs_something_is_refused(cifar, capsys):
    with pytest.raises(InputError, match=r"asks to run builtins\.print"):
        find_source(cifar(pickle.dumps(Harm())))
    assert "harm" not in capsys.readouterr().out


@pytest.mark.parametrize("file", [b"", b"no pickle", pickle.dumps([1, 2])])
def test_a_damaged_one_gets_one_sentence(cifar, file):
    with pytest.raises(InputError, match="cannot be read"):
        find_source(cifar(file))


def test_a_persons_own_batches_in_that_form(tmp_path, scanned):
    rng = np.random.default_rng(0)
    for batch, count in (("data_batch_1", 6), ("data_batch_2", 6), ("test_batch", 4)):
        content = {"data": rng.integers(0, 255, (count, 48 * 48 * 3)).astype(np.uint8), "labels": [0, 1] * (count // 2)}
        (tmp_path / batch).write_bytes(pickle.dumps(content))
    data = scanned(tmp_path)
    assert data.counts == {"test": {"0": 2, "1": 2}, "train": {"0": 6, "1": 6}}
    assert (data.width.median, data.faults) == (48, {})


def test_files_of_that_name_that_are_no_pickles_are_left_alone(tmp_path):
    (tmp_path / "test_batch").write_text("run this first")
    with pytest.raises(InputError, match="holds no"):
        find_source(tmp_path)
