import numpy as np
import pytest

from diagnose.autopsy.character import calibration_error, described, probabilities, surest, temperature
from diagnose.autopsy.job import Attribute

CLASSES = ("cat", "dog", "owl")


def model(images=600, scale=1.0, seed=0):
    """Logits whose probabilities are right as often as they say, times `scale`."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(0, 2, (images, 3))
    chances = probabilities(logits)
    labels = np.array([draw.choice(3, p=row) for row in chances])
    return logits * scale, labels


def test_the_temperature_of_logits_that_are_too_large():
    logits, labels = model(3000, scale=4.0)
    assert temperature(logits, labels) == pytest.approx(4.0, rel=0.15)


def test_the_calibration_error_of_a_model_that_is_always_sure():
    logits = np.array([[50.0, 0.0, 0.0]] * 100)
    hits = np.zeros(100)
    hits[:70] = 1
    assert calibration_error(probabilities(logits), hits) == pytest.approx(0.3)


def test_probabilities_stay_as_they_are():
    given = np.array([[0.2, 0.3, 0.5]])
    assert probabilities(given) == pytest.approx(given)


def test_the_whole_description():
    logits, labels = model()
    dark = tuple("dark" if at < 200 else "bright" for at in range(600))
    hard = logits.copy()
    hard[:200] = hard[:200][:, ::-1]
    found = described(hard, labels, CLASSES, [Attribute("brightness", dark)], (), None, {}, 300)
    assert found.images == 600
    assert sum(count for _, count, _ in found.per_class) == 600
    assert sum(map(sum, found.confusion)) == 600
    assert found.slices[0].group == "dark"
    assert found.slices[0].gap.interval.high < 0
    assert found.top5 is None


def test_the_surest_errors_come_first():
    logits = np.array([[9.0, 0, 0], [5.0, 0, 0], [0.1, 0, 0], [9.0, 0, 0]])
    assert surest(logits, np.array([1, 1, 1, 0])) == [0, 1]
