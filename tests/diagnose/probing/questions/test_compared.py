from diagnose.probing.questions.compared import CompareArms


def test_rounds_pair_scratch_with_pretrained(setting, bench):
    question = CompareArms(setting(), bench)
    assert question.answer() is None
    for _ in range(2):
        question.run()
    answer = question.answer()
    assert answer.gap.seeds == 2
    assert (answer.weights, answer.features) == ("own", None)
    assert question.cost(0) == 0 < question.cost(2)
    for _ in range(2):
        question.scale.run()
    assert question.answer().features.seeds == 2
    assert {run.arm for run in bench.runs} == {"scratch", "pretrained", "mean-variance"}


def test_without_weights_scratch_alone_is_worth_little(setting, bench):
    whole, alone = CompareArms(setting(), bench), CompareArms(setting(found=None), bench)
    assert 0 < alone.information(0) < whole.information(0)
    assert alone.scale.information(0) == 0
    alone.run()
    assert alone.answer() is None


def test_who_starts_pretrained_learns_less_from_it(setting, bench):
    assert CompareArms(setting(configured_weights="imagenet"), bench).information(0) < CompareArms(
        setting(), bench
    ).information(0)


def test_six_seeds_end_it(setting, bench):
    question = CompareArms(setting(), bench)
    assert question.information(6) == 0
