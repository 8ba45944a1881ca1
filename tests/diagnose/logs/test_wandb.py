import json
import struct

from diagnose.logs.read import read_logs
from diagnose.model.history import ACCURACY, LOSS, TRAIN, VAL


def _varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _field(number, content):
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _items(values):
    return b"".join(
        _field(1, _field(2, name.encode()) + _field(16, json.dumps(value).encode())) for name, value in values.items()
    )


def log_of(records, cut=0):
    """A .wandb file: the header, then records in blocks of 32 kB."""
    data = bytearray(b":W&B\xe1\xbe\x00")
    for record in records:
        kind = 1
        while True:
            left = 32768 - len(data) % 32768
            if left < 7:
                data += bytes(left)
                continue
            piece, record = record[: left - 7], record[left - 7 :]
            code = {(1, False): 1, (1, True): 2, (3, True): 3, (3, False): 4}[kind, bool(record)]
            data += struct.pack("<IHB", 0, len(piece), code) + piece
            kind = 3
            if not record:
                break
    return bytes(data[: len(data) - cut])


def run_folder(tmp_path, cut=0, padding=0):
    folder = tmp_path / "wandb" / "offline-run-20260101_101010-abc"
    folder.mkdir(parents=True)
    config = _field(17, _field(5, _items({"lr": 0.01, "epochs": 3})))
    rows = [
        _field(
            2, _items({"epoch": e, "train/loss": 2 / (e + 1), "val/acc": 0.4 + e / 10, "_step": e, "x": "y" * padding})
        )
        for e in range(3)
    ]
    (folder / "run-abc.wandb").write_bytes(log_of([config, *rows], cut))
    return tmp_path


def test_a_local_run(tmp_path):
    (run,) = read_logs(str(run_folder(tmp_path))).runs
    assert (run.planned, dict(run.settings)) == (3, {"learning rate": 0.01})
    assert [round(value, 3) for value in run.curve(LOSS, TRAIN).values] == [2.0, 1.0, 0.667]
    assert [point.x for point in run.curve(ACCURACY, VAL).points] == [1, 2, 3]


def test_records_over_several_blocks(tmp_path):
    (run,) = read_logs(str(run_folder(tmp_path, padding=40_000))).runs
    assert len(run.curve(LOSS, TRAIN).points) == 3


def test_a_file_cut_short_keeps_its_whole_records(tmp_path):
    (run,) = read_logs(str(run_folder(tmp_path, cut=5))).runs
    assert len(run.curve(LOSS, TRAIN).points) == 2


def test_another_file_of_that_ending(tmp_path):
    (tmp_path / "a.wandb").write_bytes(b"no")
    assert "isn't a run of W&B" in read_logs(str(tmp_path)).unread[0].why
