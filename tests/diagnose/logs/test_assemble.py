import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.logs.assemble import runs_of
from diagnose.logs.rows import Row, Rows
from diagnose.model.history import ACCURACY, LOSS, TRAIN, VAL


def made(*rows, **more):
    return runs_of(Rows("test", list(rows), **more), "log")


def row(epoch, **values):
    return Row({name.replace("__", "/"): value for name, value in values.items()}, epoch=epoch)


def test_percent_without_a_sign_by_its_size():
    (run,) = made(row(1, train_acc=0.9, val_acc=0.5), row(2, train_acc=60, val_acc=0.9))
    assert run.curve(ACCURACY, TRAIN).values == pytest.approx((0.009, 0.6))


def test_a_share_beside_percent_stays_one():
    (run,) = made(row(1, train_acc=0.90, val_acc=88), row(2, train_acc=0.95, val_acc=90))
    assert run.curve(ACCURACY, TRAIN).values == (0.9, 0.95)
    assert run.curve(ACCURACY, VAL).values == (0.88, 0.9)


def test_a_share_above_one_is_kept_as_it_is():
    (run,) = made(row(1, train_acc=0.9), row(2, train_acc=1.02))
    assert run.curve(ACCURACY, TRAIN).values == (0.9, 1.02)


def test_rows_without_any_count_are_epochs():
    (run,) = runs_of(Rows("test", [Row({"loss": 2.0}), Row({"loss": 1.0})]), "log")
    assert [point.x for point in run.train(LOSS).points] == [1, 2]


def test_steps_far_apart_stay_steps():
    (run,) = runs_of(Rows("test", [Row({"loss": 2.0}, step=n * 100) for n in range(5)]), "log")
    assert run.unit == "step"


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-3, 40)),
            st.dictionaries(st.sampled_from(["loss", "val_loss", "acc", "lr", "x"]), st.floats(), max_size=4),
        ),
        max_size=30,
    )
)
@settings(max_examples=150)
def test_any_rows_give_runs_with_rising_places(rows):
    for run in runs_of(Rows("test", [Row(values, epoch=epoch) for epoch, values in rows]), "log"):
        assert run.curves
        for curve in run.curves:
            places = [point.x for point in curve.points]
            assert places == sorted(set(places))


def test_a_loss_every_few_steps_is_averaged_over_the_epoch():
    rows = [Row({"train_loss": 4.0 - n}, epoch=n // 3, step=10 * n) for n in range(6)]
    (run,) = runs_of(Rows("test", rows), "log")
    assert run.train(LOSS).values == (3.0, 0.0)


def test_epochs_that_are_printed_once_each_again_are_other_runs():
    rows = [row(1, loss=2.0), row(1, loss=1.7), row(2, loss=1.5)]
    assert [run.last for run in made(*rows)] == [1, 2]


def test_a_closing_evaluation_is_no_epoch():
    rows = [Row({"train_loss": 2.0 - n / 10, "val_loss": 2.0}, epoch=n, step=100 * n + 99) for n in range(3)]
    (run,) = runs_of(Rows("test", [*rows, Row({"val_loss": 0.5}, epoch=3, step=300)]), "log")
    assert run.last == 3
    assert run.held(LOSS).values[-1] == 2.0


def test_what_is_said_of_an_epoch_after_the_end_is_no_run():
    (run,) = made(*(row(n, train_loss=1 / n, val_loss=1.0) for n in range(1, 6)), row(2, val_loss=1.0))
    assert run.last == 5
    assert not run.marks


def test_a_run_that_is_at_its_end_is_not_resumed():
    rows = [row(n, train_loss=1 / n) for n in (1, 2, 3, 4)] + [row(n, train_loss=2.0) for n in (3, 4)]
    assert [len(run.train(LOSS).points) for run in made(*rows, planned=4)] == [4, 2]


def test_the_parts_of_a_detectors_loss_are_one():
    values = {"train/box_loss": 1.0, "train/cls_loss": 2.0, "train/dfl_loss": 0.5}
    (run,) = runs_of(Rows("test", [Row(values, epoch=1)]), "log")
    assert run.train(LOSS).values == (3.5,)
    assert not runs_of(Rows("test", [Row({"train/box_loss": 1.0}, epoch=1)]), "log")


def test_one_metric_by_two_names_is_one_curve():
    (run,) = made(row(1, train__loss=2.0, val_loss=1.0), row(2, loss=1.0, val_loss=1.0))
    assert run.train(LOSS).values == (2.0, 1.0)
