from builders import ERROR, WARNING, feed, only, ran, seen_network, silent, why_skipped
from diagnose.checks.r603_channels_in_another_order import CHECK

from diagnose.model import Interval


def orders(train, held_out, pretrained=0.0):
    feeds = feed(channel_order=train), feed("validation", channel_order=held_out)
    return ran(feeds=feeds, network=seen_network(pretrained=pretrained))


def test_red_first_and_blue_first_from_scratch_in_both_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=orders("bgr", "bgr"))


def test_another_order_in_validation_is_an_error():
    assert only(CHECK, ran=orders("bgr", "rgb")).severity is ERROR


def test_blue_first_into_pretrained_weights_is_a_warning():
    assert only(CHECK, ran=orders("bgr", "bgr", pretrained=0.9)).severity is WARNING


def test_an_unknown_order_is_not_examined():
    assert "colours" in why_skipped(CHECK, ran=orders("", ""))


def by_patterns(slope, low, high):
    turned = slope, Interval(low, high)
    return ran(feeds=(feed(channel_order=""), feed("validation", channel_order="", turned=turned)))


def test_without_files_the_colour_patterns_of_the_classes_tell():
    assert only(CHECK, ran=by_patterns(0.8, 0.5, 1.1)).severity is WARNING
    assert silent(CHECK, ran=by_patterns(-0.9, -1.2, -0.6))
    assert silent(CHECK, ran=by_patterns(0.2, -0.1, 0.5))
