"""The charts of a page."""

from builders import probe_run, probes

from diagnose.model import Interval, LearningCurve
from diagnose.report.figures import images_chart, network_charts, probe_charts

CURVE = LearningCurve("pretrained", ((8.0, 0.4), (16.0, 0.6)), doubled=0.7, doubled_interval=Interval(0.6, 0.8))


def test_seeds_lie_in_a_band():
    runs = [probe_run("scratch", seed=seed) for seed in (0, 1)]
    (losses, *_) = probe_charts(probes(*runs))
    assert "lowest and highest" in losses.title
    assert [band.kind for band in losses.bands] == ["scratch"]
    (alone, *_) = probe_charts(probes(runs[0]))
    assert alone.bands == ()


def test_twice_as_many_images_have_an_interval():
    made = images_chart([CURVE])
    assert "80% interval" in made.title
    (band,) = made.bands
    last = made.lines[0].points.split()[-1]
    assert band.points.split()[0] == last
    assert len(made.x_ticks) > 1


def test_without_a_measurement_there_is_no_chart():
    assert images_chart([]) is None
    assert network_charts(None) == []
