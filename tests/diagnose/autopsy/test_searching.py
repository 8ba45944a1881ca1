import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from diagnose.autopsy.searching import Search, as_written, in_order
from diagnose.autopsy.variants import BATCH, ESTIMATED, Variant
from diagnose.model.checkpoint import CHANNELS, GEOMETRY, NORMALISATION, ORDER, STATISTICS, Feed

IMAGES, CLASSES = 400, ("a", "b", "c", "d")
FEED = Feed(32)
USUAL = (0, 1, 2, 3)


class Scripted:
    """A network whose accuracy under each change is given, by its words; it counts the images that it sees."""

    def __init__(self, accuracies, labels):
        self.accuracies, self.labels = accuracies, labels
        self.seen = {}
        self.rate = 1000.0

    def outputs(self, pictures, variant, first, last, train=None):
        accuracy = self.accuracies[variant.words, variant.network]
        if accuracy is None:
            raise ValueError("of one size alone")
        self.seen[variant.words] = self.seen.get(variant.words, 0) + last - first
        draw = np.random.default_rng(sum(map(ord, variant.words)))
        right, wrong = draw.random(len(self.labels)) < accuracy, draw.integers(1, len(CLASSES), len(self.labels))
        answers = np.where(right, self.labels, (self.labels + (1 if accuracy == 0 else wrong)) % len(CLASSES))
        return torch.nn.functional.one_hot(torch.from_numpy(answers[first:last]), len(CLASSES)).float()


def change(kind, words, network="running", cost=1.0):
    return Variant(kind, words, FEED, network, cost)


def searched(written, *changes, deadline=float("inf")):
    """The search over changes, each with its accuracy."""
    labels = np.random.default_rng(5).integers(0, len(CLASSES), IMAGES)
    accuracies = {("as written", "running"): written}
    for one, accuracy in changes:
        accuracies[one.words, one.network] = accuracy
        accuracies[one.words, BATCH] = accuracy
    network = Scripted(accuracies, labels)
    search = Search(network, range(IMAGES), labels, CLASSES, None, (), deadline)
    search.plan(as_written(FEED), 10.0)
    return search.found(as_written(FEED), USUAL, [one for one, _ in changes]), search, network.seen


def test_the_change_that_restores_the_score_is_found():
    found, search, _ = searched(0.3, (change(CHANNELS, "BGR"), 0.31), (change(NORMALISATION, "none"), 0.8))
    assert found.arm.words == "none"
    assert found.after - found.before > 0.3
    assert found.gain.images == search.images
    assert {one.words for one in search.tried} >= {"BGR", "none"}


def test_a_small_gain_is_none():
    assert searched(0.7, (change(CHANNELS, "BGR"), 0.72))[0] is None


def test_a_change_that_is_clearly_ahead_ends_the_search():
    found, _, seen = searched(
        0.3, (change(CHANNELS, "BGR"), 0.95), (replace(change(GEOMETRY, "96 px"), rare=True), 0.5)
    )
    assert found.arm.words == "BGR"
    assert "96 px" not in seen


def test_one_that_is_not_does_not():
    found, _, _ = searched(0.3, (change(CHANNELS, "BGR"), 0.5), (change(GEOMETRY, "96 px"), 0.95))
    assert found.arm.words == "96 px"


def test_where_nothing_could_be_gained_nothing_is_tried():
    found, search, _ = searched(0.98, (change(CHANNELS, "BGR"), 0.2))
    assert found is None
    assert search.tried == []


@pytest.mark.parametrize(("plain", "kind"), [(0.7, NORMALISATION), (0.45, STATISTICS)])
def test_new_statistics_repair_other_inputs_and_are_the_cause_where_they_repair_far_more(plain, kind):
    statistics = change(STATISTICS, "re-estimated", ESTIMATED)
    assert searched(0.3, (change(NORMALISATION, "none"), plain), (statistics, 0.8))[0].arm.kind == kind


def test_statistics_are_not_re_estimated_where_those_of_a_batch_gain_nothing():
    _, _, seen = searched(0.5, (change(STATISTICS, "re-estimated", ESTIMATED), 0.3))
    assert seen["re-estimated"] <= 64


def test_a_dear_change_sees_fewer_images_and_one_far_above_none():
    _, search, seen = searched(
        0.5, (change(GEOMETRY, "64 px", cost=4.0), 0.0), (change(GEOMETRY, "512 px", cost=256.0), 0.9)
    )
    assert seen["64 px"] < search.few
    assert "512 px" not in seen


def test_a_network_of_one_size_and_a_short_time_leave_changes_out():
    _, search, _ = searched(0.5, (change(GEOMETRY, "64 px"), None))
    assert search.left_out == 1
    _, search, seen = searched(0.5, (change(CHANNELS, "BGR"), 0.9), deadline=time.monotonic())
    assert search.left_out == 1
    assert "BGR" not in seen


def test_an_order_of_classes_is_found_without_a_pass():
    labels = np.random.default_rng(5).integers(0, len(CLASSES), IMAGES)
    search = Search(Scripted({("as written", "running"): 0.0}, labels), range(IMAGES), labels, CLASSES, None, (), 1e12)
    search.plan(as_written(FEED), 10.0)
    found = search.found(as_written(FEED), USUAL, [])
    assert found is None  # the orders stand behind the first change
    search.network.accuracies["BGR", "running"] = 0.0
    search.network.accuracies["none", "running"] = 0.0
    found = search.found(as_written(FEED), USUAL, [change(CHANNELS, "BGR"), change(NORMALISATION, "none")])
    assert found.arm.kind == ORDER
    assert search.order_of(found.arm, as_written(FEED), USUAL) == (1, 2, 3, 0)


def test_outputs_in_the_order_of_the_classes():
    given = np.array([[1.0, 2.0, 3.0]], np.float32)
    assert in_order(given, (2, 0)).tolist() == [[3.0, 1.0]]
    assert in_order(given, (2, -1))[0, 1] < -1e8
    assert in_order(np.array([[0.5]], np.float32), (0, 1)).tolist() == [[0.0, 0.0]]
