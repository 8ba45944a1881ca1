from diagnose.logs.table import read_table
from diagnose.model.history import ACCURACY, LOSS, RATE, SECONDS, TOP5, TRAIN, VAL

KERAS = """epoch,accuracy,loss,lr,val_accuracy,val_loss
0,0.5,1.5,0.001,0.6,1.2
1,0.6,1.2,0.001,0.66,1.1
"""
LIGHTNING = """epoch,lr-Adam,step,train_acc_epoch,train_loss_epoch,train_loss_step,val_acc,val_loss
,0.001,49,,,,,
0,,49,,,1.9,,
0,,99,,,1.5,,
0,,117,,,,0.6,1.2
0,,117,0.5,1.7,,,
1,,149,,,1.1,,
1,,235,,,,0.7,0.9
1,,235,0.65,1.1,,,
"""
TIMM = "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr\n0,6.9,6.8,0.3,1.2,1e-05\n1,5.9,5.8,10.3,21.2,0.1\n"
ULTRALYTICS = """                  epoch,                   time,             train/loss,  metrics/accuracy_top1,  metrics/accuracy_top5,               val/loss,                 lr/pg0
                      1,                   12.1,                    2.1,                   0.45,                    0.9,                    1.7,                 0.0002
                      2,                   23.9,                    1.7,                   0.55,                   0.93,                    1.5,                 0.0004
                      3,                   36.2,                    1.4,                    0.6,                   0.95,                    1.4,                 0.0004
"""  # noqa: E501
FASTAI = """epoch,train_loss,valid_loss,accuracy,error_rate,time
0,1.234567,0.876543,0.712000,0.288000,00:12
1,0.934567,0.776543,0.752000,0.248000,01:02
"""
MARKDOWN = """| Epoch | Train Loss | Train Acc (%) | Val Loss   | Val Acc (%) | Learning Rate |
|-------|------------|-----|----------|----------|---------------|
| 1     | 1.0658     | 57.58         | 0.9513     | 66.59       | 5.00e-04       |
| 2     | 0.9789     | 62.38         | 0.9218     | 66.93       | 5.00e-04       |
"""
COMPOSER = """epoch,loss/train/total,metrics/train/MulticlassAccuracy,metrics/eval/MulticlassAccuracy
1,1.9,0.3,0.35
2,1.5,0.45,0.5
"""


def values(run, metric, split):
    return tuple(round(value, 6) for value in run.curve(metric, split).values)


def test_keras_counts_from_zero(run):
    found = run("history.csv", KERAS)
    assert found.zero_based
    assert [point.x for point in found.train(LOSS).points] == [1, 2]
    assert values(found, LOSS, TRAIN) == (1.5, 1.2)
    assert values(found, ACCURACY, VAL) == (0.6, 0.66)
    assert values(found, RATE, "") == (0.001, 0.001)


def test_a_program_that_began_again_gives_two_runs(log):
    first, second = log("history.csv", KERAS + "0,0.7,1.0,0.0001,0.7,1.0\n1,0.72,0.95,0.0001,0.71,0.99\n").runs
    assert values(first, LOSS, VAL) == (1.2, 1.1)
    assert values(second, LOSS, VAL) == (1.0, 0.99)
    assert second.name == "history.csv, part 2"


def test_a_resumed_run_keeps_what_it_did_again(run):
    rows = "".join(f"{epoch},{2 / (epoch + 1):.3f}\n" for epoch in range(6)) + "4,0.9\n5,0.8\n"
    found = run("log.csv", f"epoch,loss\n{rows}")
    assert values(found, LOSS, TRAIN)[-2:] == (0.9, 0.8)
    assert [(mark.kind, mark.x) for mark in found.marks] == [("resume", 5)]


def test_lightning_logs_train_and_validation_in_rows_of_their_own(run):
    found = run("metrics.csv", LIGHTNING)
    assert values(found, LOSS, TRAIN) == (1.7, 1.1)
    assert values(found, LOSS, VAL) == (1.2, 0.9)
    assert values(found, ACCURACY, TRAIN) == (0.5, 0.65)


def test_steps_alone_are_averaged_over_their_epoch(run):
    found = run("metrics.csv", "epoch,step,train_loss_step\n0,49,2.0\n0,99,1.0\n1,149,0.5\n1,199,0.3\n")
    assert values(found, LOSS, TRAIN) == (1.5, 0.4)


def test_timm_writes_percent_without_a_sign(run):
    found = run("summary.csv", TIMM)
    assert values(found, ACCURACY, VAL) == (0.003, 0.103)
    assert found.curve(TOP5, VAL).percent


def test_ultralytics_has_time_since_the_start(run):
    found = run("results.csv", ULTRALYTICS)
    assert [round(value, 1) for value in values(found, SECONDS, "")] == [12.1, 11.8, 12.3]
    assert values(found, ACCURACY, VAL) == (0.45, 0.55, 0.6)


def test_fastai_measures_accuracy_on_validation(run):
    found = run("history.csv", FASTAI)
    assert values(found, ACCURACY, VAL) == (0.712, 0.752)
    assert values(found, SECONDS, "") == (12, 62)


def test_composer(run):
    found = run("metrics.csv", COMPOSER)
    assert values(found, LOSS, TRAIN) == (1.9, 1.5)
    assert values(found, ACCURACY, VAL) == (0.35, 0.5)


def test_a_table_of_markdown(run):
    found = run("log.md", MARKDOWN)
    assert values(found, ACCURACY, VAL) == (0.6659, 0.6693)


def test_missing_epochs_are_named(run):
    found = run("log.csv", "epoch,loss\n1,2\n2,1.8\n3,1.7\n6,1.2\n7,1.1\n")
    assert found.missing == (4, 5)
    assert run("every_tenth.csv", "epoch,loss\n10,2\n20,1.8\n30,1.7\n").missing == ()


def test_a_damaged_line_is_listed(log):
    found = log("log.csv", "epoch,loss\n1,2\n2,oops\n3,1.7\n")
    assert len(found.runs[0].train(LOSS).points) == 2
    assert found.unread[0].line == 3


def test_nan_is_a_value(run):
    assert str(run("log.csv", "epoch,loss\n1,2\n2,nan\n").train(LOSS).values[1]) == "nan"


def test_a_table_of_something_else_has_no_run(log):
    found = log("results.csv", "name,age\nada,36\n")
    assert found.runs == ()
    assert "no loss, accuracy" in found.unread[0].why


def test_a_cell_of_a_rate_for_each_group(run):
    found = run(
        "summary.csv", 'epoch,train_loss,train_lr,eval_top1\n0,2.0,"[8e-07, 8e-07]",0.4\n1,1.0,"[4e-05, 4e-05]",9\n'
    )
    assert found.curve(RATE).values == (8e-07, 4e-05)


def test_a_table_of_a_metric_and_its_value_a_row():
    lines = [
        "epoch,split,metric,value",
        "1,train,loss,2.1",
        "1,val,accuracy,0.3",
        "2,train,loss,1.1",
        "2,val,accuracy,0.5",
    ]
    found = read_table("\n".join(lines))
    assert [row.values for row in found.rows[:2]] == [{"train loss": 2.1}, {"val accuracy": 0.3}]
