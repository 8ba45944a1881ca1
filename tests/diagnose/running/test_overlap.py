"""Which share of a validation loader's images the training loader reads too."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from torch.utils.data import Dataset, Subset, TensorDataset, random_split

from diagnose.running.overlap import overlap
from diagnose.running.recorder import FeedSeen


class Listed(Dataset):
    def __init__(self, files):
        self.files = files

    def __len__(self):
        return len(self.files)


def feed(dataset, order="in order", indices=(0, 1), files=(), images=None):
    return FeedSeen(None, dataset, "", None, order=order, indices=set(indices), files=list(files), images=images)


def of(validation, training, **more):
    return overlap(feed(validation, **more), feed(training, "shuffled"))


@pytest.fixture
def base():
    import torch

    return TensorDataset(torch.arange(20))


def test_subsets_of_one_dataset_by_their_indices(base):
    train, val = random_split(base, [15, 5])
    assert of(val, train) == 0.0
    assert of(Subset(base, [0, 1, 2, 3]), Subset(base, range(2, 20))) == 0.5
    assert of(Subset(Subset(base, [4, 5, 6]), [0]), Subset(base, [4])) == 1.0


def test_the_whole_dataset_against_a_part_of_it(base):
    assert of(base, base) == 1.0
    assert of(base, Subset(base, range(5))) == 0.25
    assert of(Subset(base, [3]), base) == 1.0


def test_a_sampler_of_its_own_says_nothing(base):
    assert of(base, base, order="") is None


def test_datasets_with_equal_lists_are_the_same_one():
    names = [f"{number}.png" for number in range(10)]
    assert of(Subset(Listed(list(names)), [0, 1]), Subset(Listed(list(names)), [1, 2])) == 0.5


def test_lists_of_paths_are_compared_as_a_whole():
    train, val = Listed([Path("a/1.png"), Path("a/2.png")]), Listed([Path("a/2.png"), Path("a/3.png")])
    assert of(val, train) == 0.5
    assert of(Listed([("a/9.png", 0)]), Listed([("a/1.png", 0)])) == 0.0


def test_files_seen_in_both_are_scaled_by_what_was_seen_of_training():
    other = SimpleNamespace()
    val = feed(other, indices=(), files=[(f"{n}.png", 0) for n in range(20)])
    train = feed(SimpleNamespace(), "shuffled", (), [(f"{n}.png", 0) for n in range(15, 40)], images=100)
    assert overlap(val, train) == pytest.approx(5 / 20 / (25 / 100))
    assert overlap(feed(other, indices=()), train) is None
