"""What is seen of a tf.data pipeline; the classes have the names and attributes of TensorFlow's own."""

import pytest

from diagnose.running.hooks.keras_data import order, reshuffles


class _TensorSliceDataset:
    element_spec = ("images", "labels")
    _input_dataset = None

    def __init__(self, images):
        self.images = images

    def cardinality(self):
        return self.images


class _ShuffleDataset:
    element_spec = ("images", "labels")

    def __init__(self, below, buffer, anew=True):
        self._input_dataset, self._buffer_size, self._reshuffle_each_iteration = below, buffer, anew


class _BatchDataset:
    element_spec = ("images", "labels")

    def __init__(self, below):
        self._input_dataset = below


@pytest.mark.parametrize(
    ("images", "buffer", "seen"),
    [(200, 200, "shuffled"), (200, 64, ""), (-1, 64, ""), (-1, 5000, "shuffled")],
)
def test_a_small_buffer_does_not_count_as_shuffled(images, buffer, seen):
    assert order(_BatchDataset(_ShuffleDataset(_TensorSliceDataset(images), buffer)), {}, "training") == seen


def test_without_a_shuffle_it_is_in_order():
    assert order(_BatchDataset(_TensorSliceDataset(9)), {}, "training") == "in order"


def test_a_pipeline_comes_in_another_order_each_time_unless_it_says_not():
    below = _TensorSliceDataset(9)
    assert reshuffles(_BatchDataset(_ShuffleDataset(below, 9)))
    assert not reshuffles(_BatchDataset(_ShuffleDataset(below, 9, anew=False)))
    assert not reshuffles(_BatchDataset(below))
