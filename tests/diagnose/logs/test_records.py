from diagnose.model.history import ACCURACY, LOSS, RATE, TEST, TRAIN, VAL


def test_history_of_lists(run):
    found = run(
        "history.json",
        '{"accuracy": [0.5, 0.6], "loss": [1.5, 1.2], "val_accuracy": [0.55, 0.61], "val_loss": [1.4, NaN]}',
    )
    assert found.curve(ACCURACY, TRAIN).values == (0.5, 0.6)
    assert found.curve(LOSS, VAL).values[0] == 1.4


def test_lists_of_an_own_program_in_percent(run):
    found = run("h.json", '{"train_loss": [1.5, 1.2], "test_acc": [55, 61], "train_acc": [50, 60], "lr": [0.1, 0.01]}')
    assert found.curve(ACCURACY, TEST).values == (0.55, 0.61)
    assert found.curve(RATE).values == (0.1, 0.01)


def test_a_frame_of_pandas(run):
    found = run(
        "history.json",
        '{"loss": {"0": 1.5, "1": 1.2, "10": 0.9, "2": 1.1}, "val_loss": {"0": 2, "1": 1, "2": 1, "10": 1}}',
    )
    assert found.curve(LOSS, TRAIN).values == (1.5, 1.2, 1.1, 0.9)


def test_one_record_a_line(run):
    line = '{"train_lr": 1e-06, "train_loss": 6.9, "test_loss": 6.8, "test_acc1": 0.5, "epoch": %d, "n": 57}'
    found = run("log.txt", "\n".join(line % epoch for epoch in range(3)))
    assert found.zero_based
    assert found.curve(LOSS, TRAIN).values == (6.9, 6.9, 6.9)
    assert found.curve(ACCURACY, TEST) is not None


def test_mmengine_scalars(run):
    found = run(
        "scalars.json",
        '{"lr": 0.1, "data_time": 0.1, "loss": 2.1, "time": 0.2, "epoch": 1, "iter": 100, "step": 100}\n'
        '{"accuracy/top1": 45.2, "step": 1}\n'
        '{"lr": 0.1, "data_time": 0.1, "loss": 1.8, "time": 0.2, "epoch": 2, "iter": 200, "step": 200}\n'
        '{"accuracy/top1": 55.2, "step": 2}\n',
    )
    assert [round(value, 3) for value in found.curve(ACCURACY, VAL).values] == [0.452, 0.552]
    assert found.curve("seconds") is None


def test_trainer_state(run):
    found = run(
        "trainer_state.json",
        '{"num_train_epochs": 3, "log_history": ['
        '{"epoch": 0.5, "loss": 1.2, "learning_rate": 0.0002, "step": 10},'
        '{"epoch": 1.0, "loss": 0.8, "learning_rate": 0.00015, "step": 20},'
        '{"epoch": 1.0, "eval_accuracy": 0.8, "eval_loss": 0.6, "eval_runtime": 3.1, "step": 20},'
        '{"epoch": 1.5, "loss": 0.5, "step": 30},'
        '{"epoch": 2.0, "eval_accuracy": 0.85, "eval_loss": 0.5, "step": 40},'
        '{"epoch": 2.0, "step": 40, "train_loss": 0.7, "train_runtime": 99}]}',
    )
    assert found.planned == 3
    assert [(point.x, point.value) for point in found.train(LOSS).points] == [(0.5, 1.2), (1.0, 0.8), (1.5, 0.5)]
    assert found.held(ACCURACY).values == (0.8, 0.85)


def test_json_of_something_else(log):
    assert log("results.json", '{"name": "x", "numbers": [1, 2, 3]}').runs == ()
