import pytest

from diagnose.logs.names import Named, label_of, named, of_row, place_of
from diagnose.model.history import ACCURACY, LOSS, RATE, SECONDS, TEST, TOP5, TRAIN, VAL


@pytest.mark.parametrize(
    ("name", "metric", "split"),
    [
        ("loss", LOSS, ""),
        ("val_loss", LOSS, VAL),
        ("Train Loss", LOSS, TRAIN),
        ("train/loss", LOSS, TRAIN),
        ("validation epoch_loss", LOSS, VAL),
        ("loss/train/total", LOSS, TRAIN),
        ("trainLoss", LOSS, TRAIN),
        ("test Average loss", LOSS, TEST),
        ("val_sparse_categorical_accuracy", ACCURACY, VAL),
        ("metrics/accuracy_top1", ACCURACY, ""),
        ("eval_top1", ACCURACY, VAL),
        ("Prec@1", ACCURACY, ""),
        ("train Top-1 Acc", ACCURACY, TRAIN),
        ("test_acc1", ACCURACY, TEST),
        ("metrics/eval/MulticlassAccuracy", ACCURACY, VAL),
        ("Prec@5", TOP5, ""),
        ("metrics/accuracy_top5", TOP5, ""),
        ("lr-SGD/pg1", RATE, ""),
        ("learning_rate", RATE, ""),
        ("lr/pg0", RATE, ""),
        ("Epoch Time", SECONDS, ""),
    ],
)
def test_a_name_says_metric_and_split(name, metric, split):
    found = named(name)
    assert found is not None
    assert (found.metric, found.split) == (metric, split)


def test_an_error_rate_is_an_accuracy_upside_down():
    assert named("error_rate") == Named(ACCURACY, "", inverted=True)


@pytest.mark.parametrize(
    "name",
    ["best_val_acc", "f1", "class_0_accuracy", "balanced_accuracy", "aux_loss", "val_auc",
     "time_step", "samples_per_second",
     "mean_squared_error", "weight_decay", "train_val_gap_loss"],
)  # fmt: skip
def test_other_metrics_are_left_alone(name):
    assert named(name) is None


def test_places():
    assert [place_of(name) for name in ("epoch", "Epoch", "global_step", "trainer/global_step", "loss")] == [
        "epoch", "epoch", "step", "step", None
    ]  # fmt: skip


def test_a_row_says_its_split_and_its_metric_in_columns_of_their_own():
    assert of_row({"phase": "Val", "note": "x"}) == ("Val", "")
    assert of_row({"metric": "accuracy", "split": "train"}) == ("train", "accuracy")
    assert label_of("loss", "val", "") == "val loss"
    assert label_of("val_loss", "train", "") == "val_loss"
    assert label_of("value", "train", "accuracy") == "train accuracy"
    assert label_of("value", "train", "") is None
