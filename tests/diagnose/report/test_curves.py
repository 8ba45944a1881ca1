import math

from builders import learning_rate, probe_run
from rich.text import Text

from diagnose.report.curves import draw_losses, draw_range_test, drawn, loss_curves


def falling(arm, steps=12, **more):
    return probe_run(arm, curve=tuple((step, 2.0 - 0.1 * step) for step in range(steps)), **more)


def test_curves_are_means_over_seeds_cut_to_the_shortest():
    curves = loss_curves([falling("scratch"), falling("scratch", steps=8, seed=1)])
    arm, steps, losses = curves["scratch, resnet50"]
    assert (arm, len(steps), losses[0]) == ("scratch", 8, 2.0)


def test_architectures_are_kept_apart():
    assert len(loss_curves([falling("scratch"), falling("scratch", arch="resnet18")])) == 2


def test_a_diverging_curve_is_cut_off_and_nan_left_out():
    wild = probe_run("configured", curve=((0, 2.0), (1, 500.0), (2, math.nan)))
    assert loss_curves([wild])["configured, resnet50"][1] == [0]


def test_every_arm_has_a_letter_of_its_own():
    runs = [falling("scratch"), falling("scratch", arch="resnet18"), falling("pretrained")]
    plot = Text.from_ansi(drawn(draw_losses, loss_curves(runs), 80, 14)).plain
    assert all(letter in plot for letter in ("ss scratch", "SS scratch", "pp pretrained"))


def test_the_range_test_marks_both_rates():
    tested = learning_rate(0.1, 0.01, curve=tuple((10.0**-n, 2.0) for n in range(6, 0, -1)))
    plot = drawn(draw_range_test, tested, 80, 14)
    assert "lines: configured 0.1, suggested 0.01" in plot
    assert "1e-4" in plot
