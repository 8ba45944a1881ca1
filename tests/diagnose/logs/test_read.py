import pytest

from diagnose.logs.read import read_logs
from diagnose.model import InputError


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match=r"--log .*nowhere does not exist"):
        read_logs(str(tmp_path / "nowhere"))


def test_an_empty_folder_says_so(tmp_path):
    assert "no log of a known form" in read_logs(str(tmp_path)).unread[0].why


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "it is empty"), (b"\x00\x01\x02" * 9, "it isn't text"), (b"[1, 2", "no loss")]
)
def test_a_bad_file_is_named(tmp_path, content, why):
    (tmp_path / "log.txt").write_bytes(content)
    assert why in read_logs(str(tmp_path / "log.txt")).unread[0].why


def test_the_same_curves_in_two_files_are_one_run(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,loss,val_loss\n0,2,2\n1,1,1.5\n")
    (tmp_path / "history.json").write_text('{"loss": [2, 1], "val_loss": [2, 1.5]}')
    assert len(read_logs(str(tmp_path)).runs) == 1


def test_other_files_in_a_folder_are_passed_over(tmp_path):
    (tmp_path / "requirements.txt").write_text("torch\n")
    (tmp_path / "log.txt").write_text("Epoch 1 train loss: 0.5\nEpoch 2 train loss: 0.4\n")
    found = read_logs(str(tmp_path))
    assert (len(found.runs), found.unread) == (1, ())


def test_utf16_as_powershell_writes_it(tmp_path):
    (tmp_path / "log.txt").write_text("Epoch 1 train loss: 0.5\n", encoding="utf-16")
    assert len(read_logs(str(tmp_path)).runs) == 1
