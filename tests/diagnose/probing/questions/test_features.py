import math

from diagnose.probing.bench import Bench
from diagnose.probing.cache import Cache
from diagnose.probing.questions.features import FeatureQuestions


def test_everything_comes_from_one_pass(setting, bench, images):
    question = FeatureQuestions(setting(target=0.9), bench, images)
    assert question.information(0) > 0
    question.run()
    assert question.information(question.done) == 0
    assert (question.suspects.examined, question.labels.images, question.shift.images) == (48, 48, 32)
    assert question.curve.target == 0.9


def test_files_are_told_from_the_root(setting, bench, images):
    question = FeatureQuestions(setting(), bench, images)
    question.run()
    assert all(not one.file.startswith("/") for one in question.suspects.worst)


def test_a_split_of_the_probes_own_is_not_compared(setting, bench, images):
    question = FeatureQuestions(setting(split=False), bench, images)
    question.run()
    assert question.shift is None


def test_without_weights_there_are_no_features(setting, bench, images):
    assert FeatureQuestions(setting(found=None), bench, images).information(0) == 0


def test_an_earlier_session_answers(setting, images, weights, tmp_path):
    def session():
        bench = Bench(images, 2, weights, 8, "pictures", Cache(tmp_path), lambda event: None, math.inf)
        question = FeatureQuestions(setting(), bench, images)
        cost = question.cost(0)
        question.run()
        return cost, question

    (first, one), (second, other) = session(), session()
    assert second == 0 < first
    assert (one.curve, one.suspects, one.shift, one.labels) == (other.curve, other.suspects, other.shift, other.labels)


def test_answers_of_another_version_are_measured_again(setting, bench, images, tmp_path):
    bench.cache = Cache(tmp_path)
    question = FeatureQuestions(setting(), bench, images)
    bench.cache.put(question._key, {"curve": None, "suspects": {"strange": 1}})
    question.run()
    assert question.suspects.examined == 48
