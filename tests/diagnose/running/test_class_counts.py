from collections import Counter

import torch
from torch.utils.data import Subset, TensorDataset

from diagnose.running.class_counts import counted, rising
from diagnose.running.recorder import FeedSeen


def feed(dataset, labels=()):
    return FeedSeen(dataset, dataset, "", None, labels=list(labels))


def test_labels_of_a_dataset_are_counted_whole():
    labels = torch.tensor([0, 0, 0, 1])
    whole = TensorDataset(torch.zeros(4, 1), labels)
    assert counted(feed(whole)) == Counter({0: 3, 1: 1})
    assert counted(feed(Subset(whole, [0, 3]))) == Counter({0: 1, 1: 1})


def test_without_them_those_of_many_batches_are():
    hidden = object()
    assert counted(feed(hidden, [(0, 1)] * 40)) is None
    assert counted(feed(hidden, [(0, 1)] * 60)) == Counter({0: 60, 1: 60})


def test_weights_rise_with_the_counts_or_do_not():
    counts = Counter({0: 100, 1: 50, 2: 10})
    assert rising([0.6, 0.3, 0.1], counts)
    assert not rising([0.1, 0.3, 0.6], counts)
    assert not rising([1.0, 1.0, 1.0], counts)
    assert not rising([0.6, 0.3, 0.1], Counter({0: 50, 1: 50, 2: 50}))
