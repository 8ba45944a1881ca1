from builders import INFO, WARNING, forecast, only, probes, silent
from diagnose.checks.p510_data_loading_bottleneck import CHECK

from diagnose.model import Resized


def foreseen(**more):
    return {"measured": probes(forecast=forecast(**more))}


def test_a_gpu_that_waits_for_most_of_the_time():
    evidence = foreseen(device="cuda", compute=800.0, loading=200.0, workers=4, workers_missing=12)
    finding = only(CHECK, **evidence)
    assert finding.severity is WARNING
    assert "it waits for 75% of the time" in finding.summary
    assert finding.fix == "A machine with 12 more cores, or decoding on the device, would keep it busy."


def test_resizing_is_the_fix_where_it_pays():
    evidence = foreseen(device="cuda", compute=800.0, loading=200.0, workers_missing=1, resized=Resized(700.0, 1800.0))
    finding = only(CHECK, **evidence)
    assert finding.fix.startswith("Resize the images to 224 px once")
    assert "700 per second, and the full training run takes 50% less time. A machine with 1 more core," in finding.fix


def test_resizing_without_a_gain_is_not_offered():
    evidence = foreseen(device="cuda", compute=800.0, loading=500.0, resized=Resized(505.0))
    finding = only(CHECK, **evidence)
    assert finding.severity is INFO
    assert "Resize" not in finding.fix


def test_on_the_cpu_it_is_worth_knowing_no_more():
    assert only(CHECK, **foreseen(compute=800.0, loading=200.0)).severity is INFO


def test_speeds_within_their_spread_are_silent():
    assert silent(CHECK, **foreseen(compute=110.0, loading=100.0))
    assert silent(CHECK, **foreseen(compute=20.0, loading=300.0))
