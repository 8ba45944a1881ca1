"""A against B, and a person's own network, as people and programs read them."""

import io
import json

from builders import config, measured, network
from rich.console import Console

from diagnose.against import contrast
from diagnose.model import Diagnosis, Evidence
from diagnose.registry import load_checks
from diagnose.report.contrast import print_contrast
from diagnose.report.json import render_json
from diagnose.report.network import print_network, sparkline


def told():
    one, two = config(weights="none", epochs=50, seed=1), config(weights="imagenet", epochs=10, seed=2)
    return contrast("a.py", "b.py", (one, None), (two, None), load_checks())


def printed(function, value):
    stream = io.StringIO()
    function(value, Console(file=stream, width=100, color_system=None))
    return stream.getvalue()


def test_every_difference_is_told_with_its_lines_and_effect():
    text = printed(print_contrast, told())
    assert "They differ in nothing but weights, epochs and chance." in text
    assert "1. weights: none (line 1) against imagenet (line 1)" in text
    assert "what to expect: the greatest difference" in text


def test_a_network_is_shown_stage_by_stage_and_by_depth():
    text = printed(print_network, network(joins=0))
    assert "ResNet50's" in text
    assert "activations by depth" in text
    assert "One batch overfitted: 100%" in text
    assert "It failed: RuntimeError: no" in printed(print_network, network(crash="RuntimeError: no"))


def test_a_sparkline_is_logarithmic_and_marks_what_is_no_number():
    assert sparkline([0.001, 0.1, 10.0], 0.001, 10.0) == "▁▅█"
    assert sparkline([0.0, float("nan"), 1.0], 0.1, 1.0) == "!!█"
    assert len(sparkline([1.0] * 500, 0.1, 1.0)) <= 60


def test_a_network_and_its_stages_reach_the_json():
    own = network()
    told_json = json.loads(render_json(Diagnosis("0", "now", 1.0, Evidence(own=own), (), ())))
    assert told_json["network"]["own"]["stages"][0]["stride"] == measured().stages[0].stride
