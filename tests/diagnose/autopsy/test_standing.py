import numpy as np
import pytest
import torch

from diagnose.autopsy.evaluation import Batch, Evaluation
from diagnose.autopsy.examining import examine
from diagnose.autopsy.inputs import Pictures, valued
from diagnose.autopsy.reading import read
from diagnose.autopsy.standing import standing
from diagnose.model.checkpoint import ARRIVAL, AVERAGE, CHANNELS, GIVEN, ORDER, Feed

from .conftest import FACTORY, answering


def network():
    space = {}
    exec(FACTORY, space)
    return space["make"](3)


def seen(job, weights, feed, numbers=(0, 1, 2), printed="", labels=True):
    """What a program would show that evaluates the job's images by `feed`."""
    model = network()
    model.load_state_dict(weights, strict=False)
    model.eval()
    paths = [path for path, _ in job.held_out]
    images = valued(Pictures(paths).made(feed, 0, len(paths)), feed)
    with torch.no_grad():
        outputs = model(images).numpy()
    known = np.array([numbers[label] for _, label in job.held_out]) if labels else None
    return Evaluation(
        model, batches=[Batch(images.numpy(), outputs, known, tuple(paths), False)], printed=printed, loaded=True
    )


def examined(job, evaluation):
    return examine(job, lambda known: None, lambda text: None, evaluation)[0]


def test_what_the_run_shows_counts_and_not_what_was_read(asked):
    job = asked(answering(), written=Feed(8, order="BGR"))
    found = examined(job, seen(job, answering(), Feed(8)))
    assert (found.accuracy, found.named_by, found.written.order) == (1.0, "the run", "RGB")
    assert found.restored is None


def test_a_change_of_what_was_seen_is_certain(asked):
    job = asked(answering())
    found = examined(job, seen(job, answering(), Feed(8, order="BGR")))
    assert (found.restored.kind, found.restored.read) == (CHANNELS, True)


def test_the_numbers_of_the_classes_are_the_program_s(asked):
    job = asked(answering(("green", "red", "blue")))
    assert examined(job, seen(job, answering(("green", "red", "blue")), Feed(8), (2, 0, 1))).accuracy == 1.0
    wrong = examined(job, seen(job, answering(("green", "red", "blue")), Feed(8)))
    assert (wrong.restored.kind, wrong.restored.read) == (ORDER, True)


@pytest.mark.parametrize("printed", ["accuracy: 1.0000", "acc 100.00%", "180/180 right"])
def test_without_labels_the_printed_accuracy_shows_the_numbers(asked, printed):
    order = ("red", "green", "blue")  # the reverse of the names
    job = asked(answering(order))
    images = len(job.held_out)
    found = standing(
        job,
        read_of(job),
        seen(job, answering(order), Feed(8), printed=printed.replace("180", str(images)), labels=False),
    )
    assert found.order == (2, 1, 0)
    assert "in reverse order" in found.said[-1]


def read_of(job):
    from pathlib import Path

    return read(Path(job.file))


def test_weights_that_did_not_arrive_restore_the_score(asked):
    job = asked(answering())
    found = examined(job, seen(job, {}, Feed(8)))
    assert found.restored is None or found.restored.kind == ARRIVAL
    assert found.tensors.left_out == 2


def test_images_that_no_way_of_resizing_explains_are_taken_as_the_program_made_them(asked):
    job = asked(answering())
    evaluation = seen(job, answering(), Feed(8, order="BGR"))
    batch = evaluation.batches[0]
    batch.images = np.tanh(batch.images * 6 - 3) ** 3 + np.random.default_rng(0).normal(0, 0.3, batch.images.shape)
    found = standing(job, read_of(job), evaluation)
    assert found.feed.shape == GIVEN
    assert len(found.pictures().made(found.feed, 0, 5)) == 5


def test_where_nothing_was_read_the_better_of_unknown_things_is_taken(asked):
    noisy = {key: torch.zeros_like(value) for key, value in answering().items()}
    found = examined(asked({"state_dict": noisy, "state_dict_ema": answering()}, with_program=True), None)
    assert found.restored is None
    assert found.accuracy == 1.0
    assert any("was not read" in said for said in found.assumed)
    other = examined(asked(answering(("green", "red", "blue")), with_program=True), None)
    assert (other.restored, other.accuracy) == (None, 1.0)


def test_where_no_program_is_given_the_weights_are_held_against_their_average(asked):
    noisy = {key: torch.zeros_like(value) for key, value in answering().items()}
    assert examined(asked({"state_dict": noisy, "state_dict_ema": answering()}), None).restored.kind == AVERAGE


def test_a_program_that_evaluated_too_little_leaves_what_was_read(asked):
    job = asked(answering())
    found = standing(job, read_of(job), Evaluation(fault="KeyError: 'x' (eval.py:3)"))
    assert "KeyError" in found.said[-1]
    assert found.hits == ()
