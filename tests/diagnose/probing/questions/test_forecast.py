import dataclasses
import json

import pytest

from diagnose.model import GIB, Card, Fit
from diagnose.probing.job import FullRun
from diagnose.probing.questions.configured import Configured
from diagnose.probing.questions.forecast import ForecastQuestion, _card
from diagnose.probing.questions.rates import Rates
from diagnose.probing.recipe import Recipe

RUN = FullRun(epochs=3, batch_size=8, input_size=40, train_images=32, val_images=16)


@pytest.fixture
def asked(setting, bench, image_folder):
    files = sorted(str(path) for path in image_folder({"dark": 4}).glob("dark/*.png"))

    def make(run=RUN, own=Recipe(batch_size=8)):  # noqa: B008
        chosen = setting(own, full_run=run, target=0.9, train=tuple((path, 0) for path in files))
        configured = Configured(chosen, bench, Rates(chosen, bench))
        return ForecastQuestion(chosen, bench, configured), configured

    return make


def test_time_memory_and_the_lower_end_of_the_accuracy(asked):
    question, configured = asked()
    assert question.answer() is None
    assert question.cost(0) > 0
    question.run()
    assert "not trained twice" in question.answer().accuracy_why
    for _ in range(2):
        configured.run()
    answer = question.answer()
    assert answer.seconds > 0
    assert answer.memory > 0
    assert dict(answer.memory_by_precision)["bf16"] < answer.memory
    assert answer.card is None
    assert answer.resized.loading > 0
    assert answer.steps == 12
    assert answer.accuracy_high is None
    assert "6 of its 12 steps" in answer.accuracy_why


def test_a_run_that_the_probe_runs_whole_has_an_upper_end(asked):
    question, configured = asked(dataclasses.replace(RUN, epochs=1), Recipe(batch_size=8, steps=4))
    question.run()
    for _ in range(2):
        configured.run()
    answer = question.answer()
    assert answer.accuracy_low <= answer.accuracy_high


def test_a_run_of_unknown_length_is_not_foreseen(asked):
    assert asked(None)[0].information(0) == 0


def test_a_card_that_the_configuration_names(asked):
    run = dataclasses.replace(RUN, gpu_memory=0.5001)
    question, _ = asked(run)
    assert question.cost(0) > asked()[0].cost(0)
    question.run()
    answer = question.answer()
    assert not answer.fits
    assert not answer.card.measured


def test_a_card_comes_back_from_the_cache_as_it_was():
    card = Card(8 * GIB, measured=False, changes=(Fit("mixed precision", GIB, "none"),), tried_all=False)
    assert _card(json.loads(json.dumps(dataclasses.asdict(card)))) == card
    assert _card(None) is None
