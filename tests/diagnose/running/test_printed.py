import io

import numpy as np
import pytest

from diagnose.running.printed import LAST, Output, PrintedAccuracy, Store, right
from diagnose.running.recorder import Batch, FeedSeen, Recorder


def batch(feed, hits, images):
    outputs = np.eye(4)[[0] * hits + [1] * (images - hits)]
    made = Batch(feed, 0, images=images)
    made.outputs, made.targets = outputs, np.zeros(images, int)
    return made


@pytest.fixture
def validated():
    recorder, store = Recorder("train.py", 60.0), Store()
    accuracy = PrintedAccuracy(recorder, store)
    feed = FeedSeen(None, None, "ImageFolder", None, images=1000, batch_size=10, length=100)

    def validate(text, *hits):
        store.begin()
        store.add(text)
        accuracy._after([batch(feed, one, 10) for one in hits])
        return accuracy.found[-1] if accuracy.found else None

    return validate


def test_an_accuracy_of_the_images_that_were_seen_is_right(validated):
    assert validated("epoch 1 val acc: 0.5\n", 4, 6).explained == ""
    assert validated("Accuracy 50.0 %\n", 4, 6).explained == ""


def test_one_over_the_whole_split_is_right_too_since_the_rest_was_cut(validated):
    assert validated("val acc 0.0100", 4, 6).explained == ""


def test_a_known_mistake_is_named(validated):
    assert "batches" in validated("val acc: 5.0", 4, 6).explained
    assert "last batch" in validated("val accuracy 0.6", 4, 6).explained


def test_numbers_of_training_and_unexplained_ones_are_left_alone(validated):
    assert validated("train acc: 0.6", 4, 6) is None
    assert validated("val acc: 0.77", 4, 6) is None


def test_right_answers_of_outputs_of_any_kind():
    feed = FeedSeen(None, None, "x", None)
    made = batch(feed, 3, 4)
    assert right(made) == (3, 4)
    made.targets = np.eye(4)[[0, 0, 0, 0]]
    assert right(made) == (3, 4)
    made.outputs = np.zeros((4, 1))
    assert right(made) is None


def test_output_passes_text_on_keeps_its_end_and_refuses_bytes():
    stream, store = io.StringIO(), Store()
    output = Output(stream, store)
    output.write("a" * 5 * LAST + "end")
    assert stream.getvalue().endswith("end")
    assert len(store.last()) == LAST
    with pytest.raises(TypeError):
        output.write(b"bytes")
    assert store.last().endswith("end")
