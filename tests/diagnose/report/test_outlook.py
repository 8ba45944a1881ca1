from builders import comparison, curve, forecast, interval, probes, worse_by

from diagnose.report.outlook import curve_line, features_line, forecast_lines, outlook


def test_the_images_that_a_target_takes():
    line = curve_line(curve(target=0.85, needed=2412.0, needed_interval=interval(1300, 6049)))
    assert "79.0% at 100 images a class" in line
    assert "85% takes about 2,400 images a class [1,300, 6,000; 80%]" in line


def test_without_a_target_what_twice_as_many_give():
    assert "twice as many would give 83.0% [80.0%, 86.0%; 80%]." in curve_line(curve())


def test_a_target_too_far_away_is_said_beside_it():
    assert curve_line(curve(target=0.99, why="99% lies beyond 4 times")).endswith("80%]; 99% lies beyond 4 times.")


def test_what_cannot_be_told_has_its_reason():
    line = curve_line(curve("scratch", doubled=None, doubled_interval=None, why="the runs are too short"))
    assert line.startswith("Data from scratch")
    assert line.endswith("cannot be told: the runs are too short.")


def test_the_long_run_in_sentences():
    lines = list(forecast_lines(forecast(price=3.5, accuracy_low=0.71, accuracy_why="no upper end")))
    assert "about 60 min [50 min, 70 min], 3.50 at the configured price" in lines[0]
    assert "compute sets the pace" in lines[0]
    assert "3.0 GiB" in lines[1]
    assert lines[2] == "Accuracy of the long run: 71% or more (no upper end)."


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
