import pytest

from diagnose.logs.read import read_logs
from diagnose.model.history import ACCURACY, LOSS, TRAIN, VAL

pytest.importorskip("tensorboard")


def written(folder, scalars):
    """An event file by TensorBoard's own writer: (tag, step, value)."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    for tag, step, value in scalars:
        writer.add_event(Event(step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)])))
    writer.close()


def test_epochs_beside_steps(tmp_path):
    scalars = [("Loss/train", e, 2 / (e + 1)) for e in range(5)] + [("Accuracy/val", e, 0.5 + e / 20) for e in range(5)]
    scalars += [("batch/loss", b, 3.0) for b in range(50)]
    written(tmp_path / "one", scalars)
    (run,) = read_logs(str(tmp_path)).runs
    assert (run.unit, run.zero_based, run.name) == ("epoch", True, "one")
    assert [round(v, 3) for v in run.curve(LOSS, TRAIN).values] == [2.0, 1.0, 0.667, 0.5, 0.4]
    assert [point.x for point in run.curve(ACCURACY, VAL).points] == [1, 2, 3, 4, 5]


def test_train_and_validation_folders_are_one_run(tmp_path):
    for split in ("train", "validation"):
        written(tmp_path / "fit" / split, [("epoch_loss", e, 1 / (e + 1)) for e in range(4)])
    (run,) = read_logs(str(tmp_path)).runs
    assert run.name == "fit"
    assert len(run.curve(LOSS, TRAIN).points) == len(run.curve(LOSS, VAL).points) == 4


def test_lightning_names_the_epoch_of_a_step(tmp_path):
    scalars = [("epoch", 50 * e + 49, float(e)) for e in range(3)]
    scalars += [("val_loss", 50 * e + 49, 1.0 - e / 10) for e in range(3)]
    scalars += [("train_loss_step", 10 * n, 2.0) for n in range(15)]
    written(tmp_path / "version_0", scalars)
    (run,) = read_logs(str(tmp_path)).runs
    assert run.unit == "epoch"
    assert [point.x for point in run.curve(LOSS, VAL).points] == [1, 2, 3]


def test_a_file_cut_short_is_read_to_its_last_whole_record(tmp_path):
    written(tmp_path / "one", [("train/loss", e, 2.0) for e in range(5)])
    (file,) = (tmp_path / "one").iterdir()
    file.write_bytes(file.read_bytes()[:-7])
    found = read_logs(str(tmp_path))
    assert len(found.runs[0].train(LOSS).points) == 4
    assert "damaged" in found.unread[0].why


def test_without_its_reader_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    written(tmp_path / "one", [("train/loss", 0, 2.0)])
    monkeypatch.setitem(__import__("sys").modules, "tensorboard.compat.proto.event_pb2", None)
    found = read_logs(str(tmp_path))
    assert found.runs == ()
    assert "pip install 'diagnose-training[logs]'" in found.unread[0].why


def test_the_folder_of_one_split_brings_the_other(tmp_path):
    written(tmp_path / "run" / "train", [("epoch_loss", e, 2 / (e + 1)) for e in range(5)])
    written(tmp_path / "run" / "validation", [("epoch_loss", e, 3 / (e + 1)) for e in range(5)])
    (run,) = read_logs(str(tmp_path / "run" / "train")).runs
    assert run.curve(LOSS, TRAIN).values[0] == 2.0
    assert run.curve(LOSS, VAL).values[0] == 3.0
