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
