from diagnose.probing.questions.scratch_curve import ScratchCurve


def test_runs_that_hardly_see_the_images_tell_nothing(setting, bench):
    question = ScratchCurve(setting(), bench)
    assert question.information(0) == 0
    assert "1.5 times" in question.answer().why


def test_runs_that_see_them_often_are_fitted(setting, bench):
    bench.steps = 14
    question = ScratchCurve(setting(target=0.9), bench)
    assert question.information(0) > 0
    assert question.answer() is None
    for _ in range(2):
        question.run()
    answer = question.answer()
    assert [size for size, _ in answer.points] == [4, 8, 16]
    assert answer.start == "scratch"
