"""Made-up features in which labels are wrong, splits differ or labels mean nothing."""

import pytest
import torch

from diagnose.probing.representation import labels_against_chance, split_shift, suspect_labels

NAMES = ("ant", "bee", "cow", "dog")


@pytest.fixture
def blobs():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(400) % 4
    centres = 0.8 * torch.randn(4, 300, generator=generator)
    return centres[labels] + torch.randn(400, 300, generator=generator), labels


def files(count):
    return tuple(f"{number}.png" for number in range(count))


def test_clean_labels_are_not_suspect(blobs):
    found, predicted = suspect_labels(*blobs, NAMES, files(400))
    assert found.count <= 3
    assert found.examined == 400
    assert found.surest.low < 0.035
    assert predicted.shape == (400, 4)


def test_flipped_labels_are_found_and_named(blobs):
    features, labels = blobs
    wrong = labels.clone()
    wrong[:40] = (labels[:40] + 1) % 4
    found, _ = suspect_labels(features, wrong, NAMES, files(400))
    flipped = {f"{number}.png" for number in range(40)}
    assert found.count >= 6
    assert found.interval.low > 0.0075
    assert found.surest.low > 0.035
    assert sum(one.file in flipped for one in found.worst) >= 0.8 * len(found.worst)
    first = found.worst[0]
    assert NAMES[(NAMES.index(first.likely) + 1) % 4] == first.label


def test_labels_that_mean_something_beat_a_shuffle_at_once(blobs):
    features, labels = blobs
    result = labels_against_chance(features, labels, suspect_labels(features, labels, NAMES, files(400))[1], 4)
    assert result.accuracy > 0.9 > 0.5 > result.chance
    assert result.shuffles == 1


def test_labels_that_mean_nothing_do_not(blobs):
    features, labels = blobs
    shuffled = labels[torch.randperm(400, generator=torch.Generator().manual_seed(5))]
    result = labels_against_chance(features, shuffled, suspect_labels(features, shuffled, NAMES, files(400))[1], 4)
    assert result.accuracy <= result.chance + 0.05
    assert result.look_random
    assert result.shuffles < 19  # one shuffle near enough decides


def test_labels_that_mean_little_take_every_shuffle(blobs):
    features, labels = blobs
    generator = torch.Generator().manual_seed(5)
    chosen = torch.rand(400, generator=generator) < 0.6
    wrong = labels.clone()
    wrong[chosen] = torch.randint(0, 4, (int(chosen.sum()),), generator=generator)
    result = labels_against_chance(features, wrong, suspect_labels(features, wrong, NAMES, files(400))[1], 4)
    assert not result.look_random
    assert result.accuracy / 2 < result.chance
    assert result.shuffles == 19


def test_random_splits_cannot_be_told_apart(blobs):
    features, labels = blobs
    held = torch.rand(400, generator=torch.Generator().manual_seed(2)) < 0.4
    result = split_shift(features, labels, held, 4)
    assert result.interval.low < 0.5 < result.interval.high


def test_a_shift_of_the_pictures_is_seen(blobs):
    features, labels = blobs
    held = torch.rand(400, generator=torch.Generator().manual_seed(2)) < 0.4
    features = features + 0.3 * held[:, None]
    assert split_shift(features, labels, held, 4).interval.low > 0.65


def test_other_proportions_of_the_classes_are_no_shift(blobs):
    features, labels = blobs
    share = torch.tensor([0.8, 0.2, 0.5, 0.3])[labels]
    held = torch.rand(400, generator=torch.Generator().manual_seed(2)) < share
    result = split_shift(features, labels, held, 4)
    assert result.interval.low < 0.55


def test_too_few_images_of_every_class_tell_nothing(blobs):
    features, labels = blobs
    assert split_shift(features[:20], labels[:20], torch.arange(20) % 2 == 0, 4) is None
