import torch

from diagnose.autopsy.examining import examine
from diagnose.model.checkpoint import AVERAGE, CHANNELS, NORMALISATION, ORDER, Feed, Known

from .conftest import answering

READ = (Known(CHANNELS), Known(NORMALISATION))


def examined(job):
    said, notes = [], []
    found, hits = examine(job, said.append, notes.append)
    assert not said or said[-1] == found
    return found, hits, notes


def test_a_sound_checkpoint_is_described_and_nothing_is_restored(asked):
    found, hits, notes = examined(asked(answering(), known=READ))
    assert found.accuracy == 1.0
    assert found.restored is None
    assert found.tried == ()  # nothing could score better
    assert set(hits) == {"1"}
    assert len(hits) == found.images == found.character.images
    assert found.character.train == 1.0
    assert any(note.startswith("as written it scores 100.0%") for note in notes)


def test_the_channel_order_of_the_training_is_found(asked):
    found, hits, _ = examined(asked(answering(), written=Feed(8, order="BGR"), known=READ))
    assert found.restored.kind == CHANNELS
    assert found.restored.words == "RGB in place of BGR"
    assert found.restored.read
    assert found.restored.accuracy == 1.0
    assert set(hits) == {"1"}  # of the model at its best


def test_an_order_of_classes_is_found(asked):
    found, _, _ = examined(asked(answering(("green", "red", "blue")), known=READ))
    assert found.restored.kind == ORDER


def test_weights_that_an_average_beats_are_found(asked):
    noisy = {key: torch.zeros_like(value) for key, value in answering().items()}
    found, _, _ = examined(asked({"state_dict": noisy, "state_dict_ema": answering()}, known=READ))
    assert found.restored.kind == AVERAGE


def test_one_that_scores_as_its_file_says_is_not_searched(asked):
    held = {"state_dict": answering(("green", "red", "blue")), "val_acc": 0.01}
    found, _, _ = examined(asked(held, known=READ))
    assert found.restored is None
    assert "it scores as the file says that it did, so no change was tried" in found.said


def test_images_without_labels_give_confidences_alone(asked):
    found, hits, _ = examined(asked(answering(), classes=("all",), known=READ))
    assert found.accuracy is None
    assert found.unlabelled.rows
    assert hits == ""


def test_what_can_not_be_evaluated_says_why(asked):
    broken = {**answering(), "2.bias": torch.full((3,), float("nan"))}
    assert "aren't numbers" in examined(asked(broken))[0].stopped
    assert "colour_network:other failed" in examined(asked(answering(), model="colour_network:other"))[0].stopped
    assert "can't be named" in examined(asked(answering(), model=None))[0].stopped
    job = asked(answering())
    with open(job.file, "wb") as file:
        file.write(b"nothing")
    assert "can't be" in examined(job)[0].fault


def test_nothing_says_how_it_is_fed(asked):
    found, _, _ = examined(asked(answering(), written=Feed(0)))
    assert found.written.size == 8
    assert found.written.mean
    assert "pixels of 0..1 with ImageNet's mean and std" in found.assumed
