"""What a chain of arithmetic comes to, as (pixels - mean) / std."""

import pytest

from diagnose.model import SYMMETRIC_STEP, UNIT_STEP, Location
from diagnose.training.pytorch.affine import Operation, combined, fold
from diagnose.training.pytorch.steps import Pipeline

AT = Location("train.py", 3)
MEAN, STD = (0.4, 0.5, 0.6), (0.1, 0.2, 0.3)


def steps(*written):
    """Operations of pairs such as ("/", 255); a tuple has a number for each channel, None is computed."""
    return [
        Operation(sign, result if result is None or isinstance(result, tuple) else (float(result),) * 3,
                  isinstance(result, int | float), AT)
        for sign, result in written
    ]  # fmt: skip


def folded(*written):
    way = Pipeline()
    fold(steps(*written), way)
    statistics = tuple(None if one is None else one[0] for one in (way.mean, way.std))
    return [step for step, _ in way.scaling], *statistics, bool(way.unsure_values)


@pytest.mark.parametrize(
    ("written", "scaling", "mean", "std"),
    [
        ((("/", 255), ("-", MEAN), ("/", STD)), [UNIT_STEP], MEAN, STD),
        ((("*", 1 / 255),), [UNIT_STEP], None, None),
        ((("/", 255), ("*", 2), ("-", 1)), [UNIT_STEP], (0.5,) * 3, (0.5,) * 3),
        ((("/", 127.5), ("-", 1)), [SYMMETRIC_STEP], None, None),
        ((("-", 127.5), ("/", 127.5)), [SYMMETRIC_STEP], None, None),
        ((("*", 255), ("-", 127.5), ("/", 127.5)), [], (0.5,) * 3, (0.5,) * 3),
        ((("-", 120), ("/", 64)), [], (120.0,) * 3, (64.0,) * 3),
        ((("-", MEAN),), [], MEAN, None),
        ((("/", STD),), [], None, STD),
        ((("+", tuple(-n for n in MEAN)), ("*", (10.0, 5.0, 4.0))), [], MEAN, (0.1, 0.2, 0.25)),
        ((("/", 1), ("+", 0), ("-", 1e-7)), [], None, None),
        ((("*", None), ("+", None)), [], None, None),
    ],
)
def test_arithmetic_comes_to_a_scaling_and_statistics(written, scaling, mean, std):
    assert folded(*written) == (scaling, mean, std, False)


@pytest.mark.parametrize("written", [(("/", 3),), (("-", 5),), (("*", -1),), (("/", 127.5),), (("/", 0),)])
def test_what_comes_to_no_usual_scaling_is_a_doubt(written):
    scaling, mean, std, doubt = folded(*written)
    assert doubt or std is None
    assert (scaling, mean) == ([], None)


def test_numbers_that_are_computed_leave_the_others_known():
    assert folded(("-", None), ("/", STD)) == ([], None, STD, False)
    assert folded(("-", MEAN), ("/", None)) == ([], MEAN, None, False)


def test_the_three_channels_together_are_one_operation():
    operations = combined({n: steps(("-", MEAN[n]), ("/", STD[n])) for n in range(3)})
    assert [(step.sign, step.numbers) for step in operations] == [("-", MEAN), ("/", STD)]


@pytest.mark.parametrize(
    "channels", [{0: steps(("-", 1))}, {0: steps(("-", 1)), 1: steps(("/", 1)), 2: steps(("-", 1))}, {}]
)
def test_channels_that_differ_are_not_combined(channels):
    assert combined(channels) is None
