import dataclasses

import pytest
from builders import WARNING, dataset, interval, only, probes, silent, why_skipped
from diagnose.checks.d119_suspected_label_errors import CHECK

from diagnose.model import LabelsAgainstChance, Spread, Suspect, SuspectLabels

WORST = (Suspect("train/ant/1.png", "ant", "bee", 0.99), Suspect("train/bee/2.png", "bee", "ant", 0.95))


def suspect(low, surest):
    found = SuspectLabels(1000, 30, interval(low, low + 0.02), interval(surest, surest + 0.05), WORST)
    return {"measured": probes(suspects=found)}


@pytest.mark.parametrize(("low", "surest"), [(0.002, 0.0), (0.019, 0.023), (0.003, 0.035)])
def test_what_clean_sets_reach_is_silent(low, surest):
    assert silent(CHECK, **suspect(low, surest))


def test_more_is_a_warning_that_names_files():
    finding = only(CHECK, **suspect(0.02, 0.08))
    assert finding.severity is WARNING
    assert finding.files == ("train/ant/1.png", "train/bee/2.png")
    assert "labelled ant and most like bee" in finding.summary


def test_labels_that_are_all_random_are_p505s():
    probed = suspect(0.02, 0.08)["measured"]
    assert silent(CHECK, measured=dataclasses.replace(probed, labels=LabelsAgainstChance(0.12, 0.14, 19, 1000)))
    assert only(CHECK, measured=dataclasses.replace(probed, labels=LabelsAgainstChance(0.6, 0.14, 1, 1000)))


def test_without_pretrained_features_it_is_not_examined():
    assert "no suspects" in why_skipped(CHECK, measured=probes())


@pytest.mark.parametrize(
    ("side", "stored", "judged"), [(32, 108, False), (64, 500, True), (32, 32, True), (48, 90, True)]
)
def test_images_that_were_made_much_smaller_say_little_of_their_labels(side, stored, judged):
    measured = dataclasses.replace(suspect(0.02, 0.08)["measured"], image_size=side)
    data = dataset(width=Spread(stored, stored, stored), height=Spread(stored, stored, stored))
    if judged:
        assert only(CHECK, measured=measured, dataset=data)
    else:
        assert why_skipped(CHECK, measured=measured, dataset=data) == (
            f"the probes saw images of {side} px, which are {stored} px in the files"
        )
