import io

import pytest
from builders import GLANCES, confusion, frozen, probe_run, probes
from rich.console import Console

from diagnose.model import ConfusedPair, Confusion
from diagnose.report.probes import (
    by_step,
    by_step_title,
    duration,
    frozen_line,
    glanced,
    matrix,
    matrix_title,
    more_steps,
    pairs_line,
    summary,
    time_lines,
)


def run(arm="configured", **more):
    return probe_run(arm, **{"steps": 60, "images": 960, "seconds": 12.0, "glances": GLANCES, **more})


def whole(*runs, **more):
    values = {"prior": 0.125, "train_images": 1500, "val_images": 600, **more}
    return probes(*(runs or (run(), run(seed=1, glances=()))), **values)


def test_what_was_trained_how_long_and_on_what():
    assert summary(whole()) == (
        "Each arm (one training variant) is a short training of resnet50: 60 steps of 16 images on the CPU, drawn from "
        "1,500 training images at 64 px, then evaluated on 600 validation images. Majority-class baseline (always "
        "answering the most frequent class): 12.5%. 2 trainings took 24 s in all."
    )


def test_a_substitute_model_is_explained_and_other_architectures_are_named():
    told = summary(whole(run(arch="efficientnet_lite0", weights="ImageNet (substitute)"), run("stock")))
    assert "a short training of efficientnet_lite0 (a substitute model: it has pretrained weights here" in told
    assert " and resnet50: 60 steps" in told


def test_what_an_earlier_session_ran_took_no_time_now():
    assert summary(whole(run(), run(seed=1, cached=True))).endswith(
        "1 training took 12 s in all; 1 more training were the same as one of these, or came from an earlier session."
    )
    assert summary(whole(run(cached=True))).endswith("All 1 training came from an earlier session.")


def test_without_a_training_that_is_said():
    told = summary(probes(frozen=frozen()))
    assert told.startswith("No training was finished on the CPU. Majority-class baseline")


def test_the_first_answer_with_its_interval():
    assert frozen_line(frozen()) == (
        "Frozen features: 71.0% [67.0%, 75.0%] of 600 validation images, by a linear probe on the pretrained features "
        "of efficientnet_lite0, fitted on 1,500 training images; the network itself is not trained."
    )


def test_accuracy_by_step_beside_the_baseline():
    assert by_step(run()) == "12% → 31% → 44% → 52%  after 15, 30, 45, 60 steps"
    assert by_step_title(whole()) == (
        "Accuracy by step of one seed per arm on 100 validation images (the last step: all 600); majority-class "
        "baseline 12.5%"
    )
    assert "on 80 validation images; majority" in by_step_title(whole(val_images=80))


def test_whole_arms_alone_are_shown_by_step():
    runs = (run(), run("with weights"), run("without weights"), run("pretrained"), run("scratch", glances=()))
    assert [one.arm for one in glanced(whole(*runs))] == ["configured", "pretrained"]


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (0.52, "more steps: still rising, +21 points in the second half [+11, +30]"),
        (0.33, "more steps: not decided, +2 points in the second half [-8, +11]"),
        (0.10, "more steps: falling, -21 points in the second half [-31, -12]"),
    ],
)
def test_what_more_steps_would_do(last, told):
    assert more_steps(run(glances=(*GLANCES[:3], (60, last))), 600) == told


def test_without_glances_it_is_not_decided():
    assert more_steps(run(glances=()), 600) == "more steps: not decided"


def test_confused_pairs_in_words():
    assert pairs_line(confusion()).startswith("Most confused (pretrained): `cat` taken for `dog`: 12 of 40; `dog`")
    assert pairs_line(Confusion("x", ("a", "b"), ((1, 0), (0, 1)), ())) == ""
    nasty = Confusion("x", (), (), (ConfusedPair("\x1b[31m", "b", 2, 3),))
    assert "\x1b" not in pairs_line(nasty)


def test_the_matrix_has_a_row_and_a_column_for_each_class():
    stream = io.StringIO()
    Console(file=stream, width=60, color_system=None).print(matrix(confusion()))
    assert [line.split() for line in stream.getvalue().splitlines()] == [
        ["label", "1", "2", "3"], ["1", "cat", "28", "12", "·"], ["2", "dog", "·", "28", "12"],
        ["3", "owl", "12", "·", "28"]]  # fmt: skip


def test_frozen_features_have_no_seeds():
    assert matrix_title(confusion()).endswith("over all of its seeds")
    assert matrix_title(confusion(arm="frozen features")).endswith("columns are answers")


def test_a_busy_machine_and_what_was_dropped_are_told():
    lines = list(time_lines(whole(share=0.45, dropped=("learning rate", "one batch"))))
    assert lines[0].startswith("The machine was busy: the probes got 45% of the processor time that they wanted")
    assert lines[1].startswith("Not measured for lack of time: learning rate; one batch. A longer --budget")


def test_seeds_that_are_missing_and_what_they_would_take():
    (line,) = time_lines(whole(run(), run(seed=1), run("with weights"), share=0.95))
    assert line == (
        "Fewer than 6 seeds: configured (2). A difference can be indicated by them and not shown; the missing ones "
        "would take about 48 s."
    )


@pytest.mark.parametrize("share", [None, 0.8, 1.0])
def test_a_quiet_machine_with_all_seeds_needs_no_word(share):
    assert list(time_lines(whole(*(run(seed=seed) for seed in range(6)), share=share))) == []


def test_durations():
    assert [duration(seconds) for seconds in (0.4, 89, 90, 600)] == ["0 s", "89 s", "1.5 min", "10.0 min"]
