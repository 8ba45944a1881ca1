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
    return question.told


def test_a_sound_configuration_learns_it_and_needs_no_reference(setting, bench):
    told = learned(setting, bench, Recipe(batch_size=8))
    assert told.accuracy >= 0.9
    assert told.reference is None
    assert told.images == 16


def test_blank_input_is_learned_no_better_than_the_commonest_label(setting, bench):
    blank = Recipe(batch_size=8, std=(1e12, 1e12, 1e12))
    told = learned(setting, bench, blank)
    assert told.accuracy <= told.blank + 0.2
    assert told.reference >= 0.9


def test_without_a_configuration_it_is_not_asked(setting, bench):
    assert OneBatchQuestion(setting(None), bench).information(0) == 0
