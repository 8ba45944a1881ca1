from dataclasses import replace

import pytest
from builders import gained, tuning

from diagnose.model import Diagnosis, Evidence, TunedChange
from diagnose.report import render
from diagnose.report.tuned import tuned_line, tuned_rows

RATE = TunedChange("learning rate", "0.1", "0.012", (("learning_rate", 0.012),))
SMOOTHING = TunedChange("label smoothing", "0", "0.1", (("loss_options.label_smoothing", 0.1),))


def test_a_confirmed_gain_says_all_that_it_rests_on():
    told = replace(tuning(RATE, SMOOTHING), gain=gained(0.031, 0.093, seeds=4), start=0.612, reached=0.674)
    assert tuned_line(told) == (
        "Tuning tried 3 recipes in 9:40: learning rate 0.1 → 0.012, label smoothing 0 → 0.1 gains +6.2 [+3.1, +9.3] "
        "points over yours, from 61.2% to 67.4%, confirmed on 4 new seeds and 50 other validation images after 90 "
        "steps of resnet50 (your full training run has 390)."
    )


@pytest.mark.parametrize(
    ("gain", "says"),
    [
        (gained(-0.01, 0.05), "makes +2.0 [-1.0, +5.0] points"),
        (gained(-0.01, 0.05), "so yours may be as good"),
        (gained(-0.05, -0.01), "which is a loss"),
        (gained(0.01, 0.05, seeds=2), "2 of the 4 new seeds ran; a longer --budget decides it"),
        (None, "0 of the 4 new seeds ran"),
    ],
)
def test_what_is_not_confirmed_is_not_claimed(gain, says):
    told = replace(tuning(RATE), gain=gain)
    assert not told.better
    assert tuned_line(told).startswith("Nothing better was ")
    assert says in tuned_line(told)


def test_no_lower_loss_is_an_answer():
    assert tuned_line(tuning()) == (
        "Nothing better was found: of 3 recipes in 9:40, none had a lower validation loss than yours after 90 steps of "
        "resnet50 (your full training run has 390)."
    )


def test_a_search_that_was_ended_at_once_tried_nothing():
    assert tuned_line(replace(tuning(), tried=(), seconds=3.0)) == (
        "Nothing better was found: no recipe was tried in 0:03."
    )


def test_the_persons_recipe_comes_first_and_the_longest_trainings_next():
    assert [row[0] for row in tuned_rows(tuning())] == ["yours", "learning rate 0.012", "learning rate 1"]
    assert [row[0] for row in tuned_rows(tuning(), most=2)] == ["yours", "learning rate 0.012"]
    assert [row[2] for row in tuned_rows(tuning())] == ["2.000", "1.500", "diverged"]


@pytest.mark.parametrize("report_format", ["text", "markdown", "html"])
def test_every_report_for_people_holds_the_sentence_and_the_recipes(report_format):
    told = replace(tuning(RATE), gain=gained(0.031, 0.093, seeds=4))
    text = render(Diagnosis("0", "now", 1.0, Evidence(), (), (), tuning=told), report_format)
    plain = text.replace("\\", "")
    assert "Tuning" in text
    assert "learning rate 0.1 → 0.012 gains" in plain
    assert "learning rate 0.012" in plain
    assert "not searched: dropout: the network's head takes none" in plain.replace("&#39;", "'")
