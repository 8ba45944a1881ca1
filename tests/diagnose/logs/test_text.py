"""Every form was seen in a public log; the numbers are others."""

# ruff: noqa: E501  lines as programs print them

import pytest

from diagnose.logs.text import read_text
from diagnose.model.history import ACCURACY, LOSS, RATE, SECONDS, TEST, TOP5, TRAIN, VAL

KERAS = """Train on 4000 samples, validate on 1000 samples
Epoch 1/10
\x1b[1m63/63\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[1m5s\x1b[0m 9ms/step - accuracy: 0.7690 - loss: 0.8010 - val_accuracy: 0.9780 - val_loss: 0.0784 - learning_rate: 0.0010
Epoch 2/10
\r  1/63 [..............................] - ETA: 2s - loss: 0.1 - accuracy: 0.9\r63/63 [==============================] - 3s 6ms/step - loss: 0.1093 - accuracy: 0.9671 - val_loss: 0.0554 - val_accuracy: 0.9840
Epoch 2: val_loss improved from 0.07840 to 0.05540, saving model to best.keras
Epoch 3/10
4s - loss: 0.0893 - accuracy: 0.9701 - val_loss: 0.0504 - val_accuracy: 0.9850
Epoch 00003: early stopping
"""
TUTORIAL = """{'train': 1444, 'val': 413}
Epoch 0/24
----------
train Loss: 2.0022 Acc: 0.5733 Precision: 0.5733
val Loss: 1.1175 Acc: 0.6690 Precision: 0.6690

Epoch 1/24
----------
train Loss: 0.4526 Acc: 0.8822 Precision: 0.8822
val Loss: 1.2577 Acc: 0.7113 Precision: 0.7113
"""
METERS = "\n".join(
    f"Epoch: [{epoch}][{batch}/391]\tTime 0.105 (0.3)\tLoss {2 / (epoch + 1):.4f} ({2.1 / (epoch + 1):.4f})\t"
    f"Prec@1 {60 + epoch}.719 ({58 + epoch}.1)\tPrec@5 90.6 (91.0)"
    + (f"\nTest: [0/79]\tTime 0.5 (0.5)\tLoss 0.4 (0.4)\tPrec@1 85.9 (85.9)\n * Prec@1 {70 + epoch}.320 Prec@5 98.1" if batch == 350 else "")
    for epoch in range(3)
    for batch in range(0, 391, 50)
)  # fmt: skip
BARS = """  0%|          | 0/469 [00:00<?, ?it/s]EPOCH: 0
Loss=0.0555 Batch_id=468 Accuracy=90.76: 100%|██████████| 469/469 [00:14<00:00, 32.05it/s]
Test set: Average loss: 0.0779, Accuracy: 9759/10000 (97.59%)
EPOCH: 1
Loss=0.0242 Batch_id=468 Accuracy=97.63: 100%|██████████| 469/469 [00:14<00:00, 32.20it/s]
Test set: Average loss: 0.0361, Accuracy: 9884/10000 (98.84%)
"""
LOGGED = """2025-05-14 19:09:57,484 - INFO - Epoch 1/50:
2025-05-14 19:09:57,484 - INFO - Train Loss: 0.2305, Train Acc: 94.15%
2025-05-14 19:09:57,484 - INFO - Val Loss: 1.5747, Val Acc: 87.65%
2025-05-14 19:09:57,484 - INFO - Class 0 Accuracy: 80.89%
2025-05-14 19:09:57,661 - INFO - Saved best model with accuracy: 87.65%
"""
SPLIT_FIRST = """Epoch 1/50
TRAINING   -- Loss: 1.0263  |  Accuracy: 81.45%  |  Time: 16.93 mins.
VALIDATION -- Loss: 1.1635  |  Accuracy: 83.54%  |  Time: 1.45 mins.
New best model saved with loss 1.1635...
Epoch 2/50
TRAINING   -- Loss: 0.8501  |  Accuracy: 84.80%  |  Time: 16.05 mins.
VALIDATION -- Loss: 0.8955  |  Accuracy: 86.12%  |  Time: 1.02 mins.
"""


def shown(run, metric, split):
    return [(point.x, round(point.value, 4)) for point in run.curve(metric, split).points]


def test_keras(run):
    found = run("nohup.out", KERAS)
    assert (found.train_images, found.val_images, found.planned) == (4000, 1000, 10)
    assert shown(found, LOSS, TRAIN) == [(1, 0.801), (2, 0.1093), (3, 0.0893)]
    assert shown(found, ACCURACY, VAL) == [(1, 0.978), (2, 0.984), (3, 0.985)]
    assert shown(found, SECONDS, "") == [(1, 5), (2, 3), (3, 4)]
    assert [mark.kind for mark in found.marks] == ["early stop"]


def test_the_tutorial_of_transfer_learning(run):
    found = run("log.txt", TUTORIAL)
    assert (found.train_images, found.val_images) == (1444, 413)
    assert found.zero_based
    assert shown(found, ACCURACY, TRAIN) == [(1, 0.5733), (2, 0.8822)]
    assert shown(found, LOSS, VAL) == [(1, 1.1175), (2, 1.2577)]


def test_meters_show_this_batch_and_the_mean(run):
    found = run("log.txt", METERS)
    assert shown(found, LOSS, TRAIN) == [(1, 2.1), (2, 1.05), (3, 0.7)]
    assert shown(found, ACCURACY, TRAIN) == [(1, 0.581), (2, 0.591), (3, 0.601)]
    assert shown(found, ACCURACY, TEST) == [(1, 0.7032), (2, 0.7132), (3, 0.7232)]
    assert found.curve(TOP5, TEST) is not None


def test_steps_of_an_epoch_are_averaged(run):
    lines = "\n".join(
        f"Train Epoch: {epoch} [{done}/60000 ({done // 600}%)]\tLoss: {1 / epoch:.4f}"
        for epoch in (1, 2)
        for done in (0, 6400, 12800)
    )
    assert shown(run("log.txt", lines), LOSS, TRAIN) == [(1, 1.0), (2, 0.5)]


def test_bars_and_counted_accuracies(run):
    found = run("log.txt", BARS)
    assert found.val_images == 10000
    assert shown(found, ACCURACY, TEST) == [(1, 0.9759), (2, 0.9884)]
    assert shown(found, LOSS, TRAIN) == [(1, 0.0555), (2, 0.0242)]


def test_time_stamps_and_the_best_so_far_are_no_values(run):
    found = run("train.log", LOGGED)
    assert shown(found, ACCURACY, VAL) == [(1, 0.8765)]
    assert shown(found, ACCURACY, TRAIN) == [(1, 0.9415)]


def test_the_split_may_stand_before_the_values(run):
    found = run("log.txt", SPLIT_FIRST)
    assert shown(found, LOSS, VAL) == [(1, 1.1635), (2, 0.8955)]
    assert [round(value) for value in found.curve(SECONDS).values] == [1016, 963]


@pytest.mark.parametrize(
    "line",
    [
        "Epoch {e}: Train Loss = {l}, Val Loss = 9.2917, Val Acc = 41.15%",
        "Epoch {e}/50 - Train Loss: {l}, Train Accuracy: 50.15%, Validation Loss: 1.3, Validation Accuracy: 41.15%",
        "[2021/07/19 00:59:46] root INFO: [Train][Epoch {e}/10][Avg]CELoss: {l}, top1: 0.5\n"
        "[2021/07/19 00:59:46] root INFO: [Eval][Epoch {e}][Avg]CELoss: 1.2, top1: 0.4115",
        "#### Epoch {e}/99\ntrain loss: {l}, acc: tensor(0.3262, device='cuda:0')<br>\nval loss: 1.1, acc: tensor(0.4115, device='cuda:0')",
        "Epoch [{e}/100] - Time: 0.93s\n  Train Loss: {l}, Train Acc: 1.64%\n  Val Loss: 6.4942, Val Acc: 41.15%",
        "[{e}/30] train_loss: {l} val_acc: 0.4115",
    ],
)  # fmt: skip
def test_usual_forms(run, line):
    found = run("log.txt", "\n".join(line.format(e=epoch, l=loss) for epoch, loss in ((1, 0.9), (2, 0.8), (3, 0.7))))
    assert shown(found, LOSS, TRAIN) == [(1, 0.9), (2, 0.8), (3, 0.7)]
    assert shown(found, ACCURACY, VAL)[-1] == (3, 0.4115)


def test_an_accuracy_logged_more_rarely_is_of_an_evaluation(run):
    lines = [
        f"Epoch {n:02d} loss {10 / n:.4f} | train 2.6s" + (f" | Acc {n}.32%" if n % 5 == 0 else "")
        for n in range(1, 21)
    ]
    found = run("log.md", "\n".join(["--- resnet18 on CIFAR100 (100 classes) using cuda ---", *lines]))
    assert shown(found, ACCURACY, VAL)[0] == (5, 0.0532)
    assert found.curve(ACCURACY, VAL).guessed
    assert len(found.train(LOSS).points) == 20


def test_a_table_printed_by_fastai(run):
    found = run(
        "log.txt",
        "epoch     train_loss  valid_loss  accuracy  time    \n"
        "0         1.234567    0.876543    0.712000  00:12     \n"
        "1         0.934567    0.776543    0.752000  00:11     \n",
    )
    assert shown(found, ACCURACY, VAL) == [(1, 0.712), (2, 0.752)]


def test_remarks_are_marked_with_their_line(run):
    found = run(
        "log.txt",
        "lr=0.1\n=> loaded checkpoint 'c.pth' (epoch 3)\nEpoch 4 train loss: 0.5\nUnfreezing the backbone\n"
        "Epoch 5 train loss: 0.4\nTraceback (most recent call last):\n",
    )
    assert [(mark.kind, mark.line) for mark in found.marks] == [("resume", 2), ("unfreeze", 4), ("crash", 6)]
    assert found.settings == {"learning rate": 0.1}


def test_what_speaks_of_a_metric_and_was_not_understood_is_listed(log):
    found = log("log.txt", "Epoch 1 train loss: 0.5\nloss!!0.4 ~~\nEpoch 2 train loss: 0.4\n")
    assert [(one.line, "isn't known" in one.why) for one in found.unread] == [(2, True)]


def test_a_rate_in_brackets(run):
    found = run("log.txt", "Epoch 1\nlr: [0.0002]\ntrain Loss: 2.2\nEpoch 2\nlr: [0.0004]\ntrain Loss: 2.0\n")
    assert shown(found, RATE, "") == [(1, 0.0002), (2, 0.0004)]


def test_an_epoch_with_its_number_is_no_table(run):
    found = run("log.md", "".join(f"#### Epoch {n}/9\ntrain loss: {1 / n}, acc: 0.5\n" for n in range(1, 10)))
    assert len(found.train(LOSS).points) == 9
    assert found.missing == ()


def test_prose_has_no_run(log):
    assert log("notes.txt", "We trained for a while and it went well.\n").runs == ()


def test_timms_lines_name_their_epoch(run):
    text = "Scheduled epochs: 300\n" + "".join(
        f"Train: {n} [   0/1251 (  0%)]  Loss:  6.9 (6.9)  LR: 1.000e-04\n"
        f"Train: {n} [1250/1251 (100%)]  Loss:  6.7 ({6 - n}.5)  LR: 1.000e-04\n"
        f"Test: [   0/48]  Time: 1.9 (1.9)  Loss:  6.2 (6.2)  Acc@1:  0.5 ( 0.5)\n"
        f"Test: [  48/48]  Time: 0.5 (1.9)  Loss:  5.9 ({6 - n}.4)  Acc@1: 11.0 ( {n + 1}.4)\n"
        for n in range(2)
    )
    found = run("train.out", text)
    assert found.train(LOSS).values == (6.5, 5.5)
    assert found.held(LOSS).values == (6.4, 5.4)
    assert found.held(ACCURACY).values == pytest.approx((0.014, 0.024))


def test_a_bar_over_epochs_holds_the_values_of_epochs(run):
    text = "".join(
        f"0%|    | 0.00/171 [00:00<?, ?batch/s, accuracy=0.0, loss=9.9]\n"
        f"100%|####| 171/171 [00:20<00:00, 8batch/s, accuracy=0.{n}, loss={n}.4]\n"
        f"{10 * n}%|#  | {n}/10 [00:26<04:01, 26.86s/epoch, accuracy=0.{n}, loss={n}.5, val_loss={n}.2]\n"
        for n in (1, 2, 3)
    )
    found = run("log.txt", text)
    assert found.train(LOSS).values == (1.5, 2.5, 3.5)
    assert found.held(LOSS).values == (1.2, 2.2, 3.2)


def test_values_that_are_said_with_is(run):
    found = run("log.txt", "epoch: 1, loss is: 0.7\nEpoch 1: Val acc is 86.5%\nepoch: 2, loss is: 0.6\n")
    assert found.train(LOSS).values == (0.7, 0.6)
    assert found.held(ACCURACY).values == (0.865,)


def test_a_number_of_images_with_separators(run):
    found = run("log.txt", "Validation images: 50,000\nTrain images: 1.2M\nEpoch 1 loss: 0.5 val_acc: 0.3\n")
    assert (found.train_images, found.val_images) == (None, 50_000)


def test_a_log_that_ends_within_an_epoch_was_cut():
    text = "Epoch 1/4\n40/40 - loss: 0.9 - accuracy: 0.6 - val_loss: 1.0 - val_accuracy: 0.5\nEpoch 2/4\n 3/40 [=>......] - ETA: 9s - loss: 0.8 - accuracy: 0.6\n"
    assert [one.kind for one in read_text(text).noticed] == ["interrupt"]
    assert read_text(text.rpartition("Epoch")[0]).noticed == []
