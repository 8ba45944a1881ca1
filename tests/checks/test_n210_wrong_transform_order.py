import pytest
from builders import ERROR, WARNING, only, program, silent, steps, why_skipped
from diagnose.checks.n210_wrong_transform_order import CHECK

TENSOR, NORMAL, ERASE = ("to_tensor", "tensor"), ("normalize", "normalize"), ("random_erasing", "erase")
JITTER, RESIZE, CROP = ("color_jitter", "random"), ("resize", "geometry"), ("center_crop", "geometry")


@pytest.mark.parametrize(
    "right",
    [
        (RESIZE, CROP, TENSOR, NORMAL),
        (JITTER, TENSOR, NORMAL, ERASE),
        (TENSOR, ERASE, NORMAL),
        (NORMAL, ("to_tensor_v2", "tensor")),
        (TENSOR, ("random_horizontal_flip", "random"), NORMAL),
    ],
)
def test_working_orders_are_silent(right):
    assert silent(CHECK, code=program(train_steps=steps(*right)))


@pytest.mark.parametrize(
    ("wrong", "severity", "line"),
    [
        ((NORMAL, TENSOR), ERROR, 1),
        ((ERASE, TENSOR), ERROR, 1),
        ((TENSOR, TENSOR), ERROR, 2),
        ((TENSOR, NORMAL, JITTER), WARNING, 3),
        ((CROP, RESIZE, TENSOR), WARNING, 2),
    ],
)
def test_wrong_orders_are_found_at_their_line(wrong, severity, line):
    finding = only(CHECK, code=program(val_steps=steps(*wrong)))
    assert (finding.severity, finding.location.line) == (severity, line)


def test_unknown_orders_are_not_examined():
    assert "order" in why_skipped(CHECK, code=program())
