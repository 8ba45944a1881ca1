import sqlite3

from diagnose.logs.read import read_logs
from diagnose.model.history import ACCURACY, LOSS, TRAIN, VAL


def store(root):
    """A run as MLflow's file store lays it out."""
    run = root / "mlruns" / "0" / "abc"
    for folder in ("metrics/train", "params", "tags"):
        (run / folder).mkdir(parents=True)
    (run / "meta.yaml").write_text("run_id: abc\n")
    (run / "metrics" / "train" / "loss").write_text("1700000000000 2.0 0\n1700000001000 1.0 1\n1700000002000 NaN 2\n")
    (run / "metrics" / "val_acc").write_text("1700000000000 0.5 0\n1700000001000 0.6 1\n1700000002000 0.7 2\n")
    (run / "params" / "epochs").write_text("10")
    (run / "params" / "lr").write_text("0.1")
    (run / "tags" / "mlflow.runName").write_text("bold-fox")
    return run


def test_a_folder_of_runs(tmp_path):
    store(tmp_path)
    (run,) = read_logs(str(tmp_path)).runs
    assert (run.name, run.planned, dict(run.settings)) == ("bold-fox", 10, {"learning rate": 0.1})
    assert run.curve(LOSS, TRAIN).values[:2] == (2.0, 1.0)
    assert [point.x for point in run.curve(ACCURACY, VAL).points] == [1, 2, 3]


def test_a_damaged_metric_is_named(tmp_path):
    (store(tmp_path) / "metrics" / "val_loss").write_text("what is this\n")
    assert "metrics/val_loss" in read_logs(str(tmp_path)).unread[0].why


def test_a_database(tmp_path):
    with sqlite3.connect(tmp_path / "mlflow.db") as base:
        base.execute("create table runs (run_uuid text, name text, start_time integer)")
        base.execute("create table params (run_uuid text, key text, value text)")
        base.execute("create table metrics (run_uuid text, key text, value real, timestamp int, step int, is_nan int)")
        base.execute("insert into runs values ('abc', 'bold-fox', 1)")
        for step in range(3):
            base.execute("insert into metrics values ('abc', 'val_loss', ?, ?, ?, 0)", (2.0 - step, step, step))
    base.close()
    (run,) = read_logs(str(tmp_path / "mlflow.db")).runs
    assert run.curve(LOSS, VAL).values == (2.0, 1.0, 0.0)


def test_another_database_has_no_run(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as base:
        base.execute("create table t (a text)")
    base.close()
    assert read_logs(str(tmp_path)).runs == ()


def test_values_without_a_course_are_of_an_evaluation(tmp_path):
    run = store(tmp_path)
    for file in (run / "metrics" / "train" / "loss", run / "metrics" / "val_acc"):
        file.unlink()
    (run / "metrics" / "accuracy").write_text("1700000000000 0.8 0\n")
    (found,) = read_logs(str(tmp_path)).runs
    assert found.held(ACCURACY).values == (0.8,)
