"""A person's network beside its references, in sentences."""

from dataclasses import replace

from builders import arms, network, repair

from diagnose.report.arms import arms_lines
from diagnose.report.network import network_lines


def lines(*args, **more):
    return list(arms_lines(replace(network(), arms=arms(*args, **more))))


def test_the_gap_its_cause_and_what_did_not_help_are_told():
    first, tried, how = lines(0.12, 0.06, repair("shortcuts"), repair("eps", 0.01))
    assert first == (
        "Your network (nets.py:3, 11 M parameters) learns 12 points [6, 18] slower than ResNet50 and 12 points [6, 18] "
        "slower than resnet18 of its size in 120 steps; one change at a time explains: "
        "shortcuts +10 [6, 14] (indicated)."
    )
    assert tried == "Tried, and not seen to help: eps +1 [-3, 5]."
    assert "the reference recipe: 120 steps at 64 px, 3 seeds" in how


def test_faster_and_undecided_are_told_as_such():
    assert "12 points [6, 18] faster than ResNet50" in lines(-0.12, 0.06)[0]
    assert "about as fast as ResNet50 (2 [-4, 8] points slower, not decided)" in lines(0.02, 0.06)[0]


def test_without_references_its_own_accuracy_is_told():
    nothing = {"same_size": None, "behind_same_size": None, "resnet50": None, "behind_resnet50": None}
    assert "gets 50% right after 120 steps" in lines(**nothing)[0]


def test_they_stand_among_the_lines_of_the_network():
    own = replace(network(), arms=arms(notes=("left out: shortcuts",)))
    assert list(network_lines(own))[-1] == "Left out: shortcuts."
    assert list(arms_lines(network())) == []
