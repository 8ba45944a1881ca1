import pytest

from diagnose.catalogue.options import OPTIONS, place


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("optimizer.nesterov", ("optimizer_options", "nesterov")),
        ("nesterov", ("optimizer_options", "nesterov")),
        ("max_grad_norm", ("optimizer_options", "clip_norm")),
        ("schedule.step_size", ("schedule_options", "period")),
        ("scheduler.T_max", ("schedule_options", "period")),
        ("loss_options.smoothing", ("loss_options", "label_smoothing")),
        ("augmentation.rotation", ("augmentation_options", "random_rotation")),
        ("head.dropout", ("head_options", "dropout")),
        ("optimizer.colour", None),
        ("colour", None),
        ("seed.nesterov", None),
    ],
)
def test_a_key_of_a_file_is_an_option_of_a_field(key, meant):
    assert place(key) == meant


def test_every_field_has_options():
    assert all(OPTIONS.values())
