import pytest

from diagnose.probing.questions import one_batch as module
from diagnose.probing.questions.one_batch import OneBatchQuestion
from diagnose.probing.recipe import Recipe


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(module, "ONE_BATCH_STEPS", 25)


def learned(setting, bench, own):
    question = OneBatchQuestion(setting(own), bench)
    assert question.information(0) > 0
    question.run()
    assert question.information(1) == 0
    return question.answer


def test_a_sound_configuration_learns_it_and_needs_no_reference(setting, bench):
    answer = learned(setting, bench, Recipe(batch_size=8))
    assert answer.accuracy >= 0.9
    assert answer.reference is None
    assert answer.images == 16


def test_blank_input_is_learned_no_better_than_the_commonest_label(setting, bench):
    blank = Recipe(batch_size=8, std=(1e12, 1e12, 1e12))
    answer = learned(setting, bench, blank)
    assert answer.accuracy <= answer.blank + 0.2
    assert answer.reference >= 0.9


def test_without_a_configuration_it_is_not_asked(setting, bench):
    assert OneBatchQuestion(setting(None), bench).information(0) == 0
