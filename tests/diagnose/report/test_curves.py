import math

from builders import curve, learning_rate, probe_run
from rich.text import Text

from diagnose.report.curves import (
    accuracy_curves,
    draw_accuracies,
    draw_diverged,
    draw_images,
    draw_losses,
    draw_range_test,
    drawn,
    legend,
    loss_curves,
)


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
    runs = [falling("scratch"), falling("scratch", arch="resnet18", steps=5), falling("pretrained", steps=8)]
    curves = loss_curves(runs)
    plot = Text.from_ansi(drawn(draw_losses, curves, 80, 14)).plain
    assert all(letter in plot for letter in "sSp")
    assert legend(curves).plain == "s scratch, resnet50   S scratch, resnet18   p pretrained, resnet50"


def test_where_a_run_diverged_is_marked():
    wild = probe_run("configured", diverged=True, curve=((0, 2.0), (1, 3.0), (2, 500.0), (3, math.nan)))
    told = []
    plot = drawn(lambda plot, runs: told.extend(draw_diverged(plot, runs)), [wild], 80, 14)
    assert "✗" in plot
    assert told == ["configured, resnet50, seed 0: diverged at step 2"]


def test_accuracies_stand_over_the_line_of_the_majority_class():
    runs = [probe_run("pretrained", glances=((10, 0.3), (20, 0.6))), probe_run("scratch")]
    curves = accuracy_curves(runs)
    assert curves == {"pretrained, resnet50": ("pretrained", [10, 20], [30.0, 60.0])}
    plot = drawn(lambda plot, shown: draw_accuracies(plot, shown, 0.125), curves, 80, 14)
    assert "line: majority class, 12%" in plot


def test_the_range_test_marks_both_rates():
    tested = learning_rate(0.1, 0.01, curve=tuple((10.0**-n, 2.0) for n in range(6, 0, -1)))
    plot = drawn(draw_range_test, tested, 80, 14)
    assert "lines: configured 0.1, suggested 0.01" in plot
    assert "1e-4" in plot


def test_the_learning_curve_has_its_images_and_the_interval_of_twice_as_many():
    text = Text.from_ansi(drawn(draw_images, [curve()], 90, 16)).plain
    assert "images per class; dots: interval for twice as many" in text
    assert "·" in text
    assert drawn(draw_images, [], 80, 16)  # an empty plot, no error
