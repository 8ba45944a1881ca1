import pytest
import torch

from diagnose.probing.cache import Cache
from diagnose.probing.clock import Machine
from diagnose.probing.pictures import Pictures
from diagnose.probing.questions import features as module
from diagnose.probing.questions.features import FeatureQuestions, pieces_of


@pytest.fixture
def asked(images, clock):
    """A function: the question about this setting; its pictures are decoded already."""

    def make(setting, folder=None):
        job, machine = setting.job, Machine(clock)
        pictures = Pictures(job.train, job.val, images.size, torch.device("cpu"), machine)
        pictures._train.pixels, pictures._val.pixels = images.train, images.val
        return FeatureQuestions(setting, pictures, Cache(folder), machine, lambda event: None)

    return make


def test_few_images_are_asked_in_one_piece(setting, asked):
    question = asked(setting(target=0.9))
    assert question.information(0) > 0
    question.run()
    assert question.information(question.done) == 0
    assert (question.suspects.examined, question.labels.images, question.shift.images) == (48, 48, 32)
    assert question.curve.target == 0.9


def test_each_piece_is_twice_as_large_and_the_last_is_everything():
    assert pieces_of((1500, 600)) == [(64, 64), (128, 64), (256, 102), (512, 205), (1024, 410), (1500, 600)]
    assert pieces_of((240, 50)) == [(64, 50), (128, 50), (240, 50)]
    assert pieces_of((48, 16)) == [(48, 16)]


def test_the_first_answer_comes_from_a_few_images_and_later_ones_replace_it(setting, asked, monkeypatch):
    monkeypatch.setattr(module, "FIRST", 8)
    question = asked(setting())
    seen = []
    while question.information(question.done):
        question.run()
        seen.append((question.frozen.train_images, question.frozen.val_images, question.suspects is not None))
    assert seen == [(8, 8, False), (16, 8, False), (32, 16, True)]
    whole = asked(setting())
    monkeypatch.setattr(module, "FIRST", 64)
    once = asked(setting())
    once.run()
    assert len(whole._pieces) == 3
    assert question.hits.tolist() == once.hits.tolist()  # refined to what one pass would have said


def test_a_piece_costs_what_it_adds(setting, asked, monkeypatch):
    monkeypatch.setattr(module, "FIRST", 8)
    question = asked(setting())
    assert 0 < question.cost(0) < question.cost(2)


def test_files_are_told_from_the_root(setting, asked):
    question = asked(setting())
    question.run()
    assert all(not one.file.startswith("/") for one in question.suspects.worst)


def test_a_split_of_the_probes_own_is_not_compared(setting, asked):
    question = asked(setting(split=False))
    question.run()
    assert question.shift is None


def test_without_weights_there_are_no_features(setting, asked):
    assert asked(setting(found=None)).information(0) == 0


def test_an_earlier_session_answers(setting, asked, tmp_path, monkeypatch):
    def session():
        question = asked(setting(), tmp_path)
        cost = question.cost(0)
        question.run()
        return cost, question

    (first, one), (second, other) = session(), session()
    assert second == 0 < first
    assert one.hits.tolist() == other.hits.tolist()
    assert (one.curve, one.suspects, one.shift, one.labels) == (other.curve, other.suspects, other.shift, other.labels)


def test_answers_of_another_version_are_measured_again(setting, asked, tmp_path):
    first = asked(setting(), tmp_path)
    first._cache.put(first._key((32, 16)), {"curve": None, "suspects": {"strange": 1}})
    question = asked(setting(), tmp_path)
    question.run()
    assert question.suspects.examined == 48
