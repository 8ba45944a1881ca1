from dataclasses import replace

import pytest
from builders import comparison, curve, forecast, interval, probes, worse_by

from diagnose.model import GIB, Card, Fit, Resized
from diagnose.report.outlook import curve_line, features_line, forecast_lines, loading_lines, memory_lines, outlook


def test_the_images_that_a_target_takes():
    line = curve_line(curve(target=0.85, needed=2412.0, needed_interval=interval(1300, 6049)))
    assert "79.0% at 100 images per class" in line
    assert "85% takes about 2,400 images per class [1,300, 6,000; 80%]" in line


def test_without_a_target_what_twice_as_many_give():
    assert "twice as many would give 83.0% [80.0%, 86.0%; 80%]." in curve_line(curve())


def test_a_target_too_far_away_is_said_beside_it():
    assert curve_line(curve(target=0.99, why="99% lies beyond 4 times")).endswith("80%]; 99% lies beyond 4 times.")


def test_what_cannot_be_told_has_its_reason():
    line = curve_line(curve("scratch", doubled=None, doubled_interval=None, why="the runs are too short"))
    assert line.startswith("Data from scratch")
    assert line.endswith("is unknown: the runs are too short.")


def test_the_full_run_in_sentences():
    lines = list(forecast_lines(forecast(price=3.5, accuracy_low=0.71, accuracy_why="no upper end")))
    assert "about 60 min [50 min, 70 min], 3.50 at the configured price" in lines[0]
    assert "compute sets the pace" in lines[0]
    assert lines[1] == "Memory at its peak: about 3.0 GiB in 32-bit floats at batch 32."
    assert lines[2] == "Accuracy of the full training run: 71% or more (no upper end)."


def test_workers_and_resizing():
    assert list(loading_lines(forecast())) == []
    assert list(loading_lines(forecast(workers_needed=1))) == [
        "Workers that keep the device busy: 1; there are cores for 2."
    ]
    lacking = forecast(workers_missing=3, resized=Resized(700.0, 1800.0))
    assert list(loading_lines(lacking)) == [
        "No number of workers keeps the device busy: 3 more cores would.",
        "Resized to 224 px once, before training (JPEG, quality 95), the images load at 700 per second, and the full "
        "training run takes 30 min less.",
    ]
    assert len(list(loading_lines(forecast(workers_missing=1, resized=Resized(310.0))))) == 1


BY_PRECISION = (("fp32", 3 * GIB), ("mixed", 2 * GIB), ("bf16", GIB))


def test_memory_in_every_precision_and_on_a_card():
    told = forecast(memory_by_precision=BY_PRECISION)
    line = "Memory at its peak: about 3.0 GiB in 32-bit floats at batch 32 (2.0 with mixed precision, 1.0 all in bf16)"
    assert list(memory_lines(told)) == [f"{line}."]
    roomy = replace(told, card=Card(4 * GIB, measured=True))
    assert list(memory_lines(roomy)) == [f"{line}; it fits into the card's 4.0 GiB."]
    fit = Fit("mixed precision (bf16 autocast)", 2 * GIB, "none that is known")
    small = replace(told, card=Card(3 * GIB, measured=False, changes=(fit,)))
    assert list(memory_lines(small)) == [
        f"{line}; it doesn't fit into the card's 3.0 GiB, of which about 2.5 GiB are free for it.",
        "It fits with mixed precision (bf16 autocast): about 2.0 GiB. Cost: none that is known.",
    ]


@pytest.mark.parametrize(("tried_all", "words"), [(True, "nothing that was tried"), (False, "time to try")])
def test_a_card_that_nothing_makes_it_fit(tried_all, words):
    card = Card(GIB, measured=False, tried_all=tried_all)
    assert words in list(memory_lines(forecast(card=card)))[1]


def test_durations_in_the_unit_that_fits():
    for seconds, told in ((30, "30 s"), (600, "10 min"), (36000, "10.0 h"), (864000, "10.0 days")):
        assert told in next(forecast_lines(forecast(seconds=seconds, seconds_range=interval(seconds, seconds))))


def test_features_and_scale_are_told_apart():
    assert "+20.0 [+10.0, +30.0] points over random weights" in features_line(worse_by(0.1, 0.3))
    assert "not decided" in features_line(worse_by(-0.1, 0.3))
    compared = comparison(0.1, 0.3, features=worse_by(0.1, 0.3))
    assert len(list(outlook(probes(comparison=compared)))) == 1


def test_nothing_measured_is_nothing_said():
    assert list(outlook(probes())) == []
    assert len(list(outlook(probes(curves=(curve(),), forecast=forecast(memory=None))))) == 2
