from builders import feed, pixels, ran, seen_network

from diagnose.model import Diagnosis, Evidence, Histogram, Location, SeenSchedule
from diagnose.report.run import pixels_line, ran_line, run_rows
from diagnose.report.text import render_text


def test_the_line_says_how_far_it_came_and_how_it_ended():
    assert ran_line(ran()) == "13 training steps in 2 epochs, 9 s; ended once enough was seen."
    assert ran_line(ran(steps=1, epochs=1, ended="finished")).startswith("1 training step in 1 epoch, 9 s; came to")
    failed = ran(ended="crashed", why="ValueError: no", location=Location("train.py", 7))
    assert ran_line(failed).endswith("ValueError: no (train.py:7).")


def test_every_part_that_was_seen_has_a_row():
    rows = dict(run_rows(ran(network=seen_network(factory="resnet18"), schedules=(SeenSchedule("StepLR", "epoch"),))))
    assert rows["network"].startswith("resnet18 (ResNet): 1,000 parameters")
    assert rows["training"] == "ImageFolder of 200 images, batches of 16, shuffled"
    assert rows["optimizer"] == "SGD, learning rate 0.1, momentum 0.9"
    assert rows["schedule"] == "StepLR, stepped per epoch"


def test_what_was_not_seen_has_none():
    empty = ran(network=None, feeds=(), loss=None, optimizers=(), course=(), steps=0)
    assert list(run_rows(empty)) == []


def test_pixels_in_a_line():
    assert pixels_line(pixels(low=0.0, high=1.0, mean=0.5, std=0.25)).startswith("3x64x64 float32, 0 to 1 (0..1)")


def test_the_text_report_has_the_section():
    text = render_text(Diagnosis("1", "now", 1.0, Evidence(ran=ran(feeds=(feed(),))), (), ()))
    assert "Your program, run in miniature" in text
    assert "3x64x64 float32" in text


def test_each_channel_has_its_histogram():
    rows = dict(run_rows(ran(histograms=(Histogram((0.0, 0.5, 1.0), (1, 4)),) * 3)))
    assert rows["channel 1"] == rows["channel 3"]
    assert rows["channel 1"].startswith("0 ")
    assert rows["channel 1"].endswith(" 1")
