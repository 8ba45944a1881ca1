"""What follows from what: each rule on literal findings, and the order that comes of it."""

from graphlib import TopologicalSorter

import pytest
from builders import ERROR, INFO, WARNING, attribution, config, dataset, probe_run, probes

from diagnose.model import ClassRow, Confidence, Evidence, Finding, Location, in_order
from diagnose.model.causes import RULES
from diagnose.registry import load_checks


def finding(code, severity=WARNING, subject="", /, **more):
    return Finding(
        severity, f"{code} is so.", f"Fix {code}.", code=code, subject=subject, fingerprint=f"{code} {subject}".strip(),
        **more,
    )  # fmt: skip


def chain(found, evidence=None):
    """Codes in their order, consequences with what they follow from."""
    ordered = in_order(found, evidence or Evidence())
    return [f"{one.code} < {one.because_of}" if one.because_of else one.code for one in ordered]


STRAY = finding("D121", ERROR, "stray")
ROWS = (ClassRow("train", ".cache", 2, 0, 9, 9, 0.5, 9),)
MESSY = Evidence(
    dataset({".cache": 2, "cat": 60, "dog": 60}, {"cat": 9, "dog": 9}, stray=(".cache",), table=ROWS),
    config(head=2, batch_size=11),
)


def test_a_stray_folder_explains_the_class_the_head_the_labels_and_the_imbalance():
    found = [
        finding("C309", ERROR, measured={"outputs": 2, "classes": 3}, changes={"head": 3}),
        finding("D110", ERROR, "val", measured={"split": "val", "missing": [".cache"], "extra": []}),
        finding("D107", measured={"pictures": 2}, files=("train/.cache/a.png = train/cat/a.png",) * 2),
        finding("D109", measured={"largest": {"class": "cat"}, "smallest": {"class": ".cache"}}),
        STRAY,
        finding("C320", INFO),
    ]
    assert chain(found, MESSY) == [
        "D121", "C309 < D121 stray", "D110 < D121 stray", "D107 < D121 stray", "D109 < D121 stray", "C320",
    ]  # fmt: skip


def test_a_consequence_gives_up_its_fix_and_keeps_the_rest():
    head = finding("C309", ERROR, measured={"outputs": 2, "classes": 3}, changes={"head": 3}, rewrites=("x",))
    _, after = in_order([head, STRAY], MESSY)
    assert (after.changes, after.rewrites) == ({}, ())
    assert after.fix == "Fix D121 first: the head has an output for each class but that folder."
    assert (after.severity, after.measured, after.fingerprint) == (ERROR, head.measured, head.fingerprint)


@pytest.mark.parametrize(
    "other",
    [
        finding("C309", ERROR, measured={"outputs": 7, "classes": 3}),
        finding("D110", ERROR, "val", measured={"split": "val", "missing": [".cache", "fox"], "extra": []}),
        finding("D107", measured={"pictures": 1}, files=("train/cat/a.png = train/dog/a.png",)),
        finding("D107", measured={"pictures": 9}, files=("train/.cache/a.png = train/cat/a.png",)),
        finding("D109", measured={"largest": {"class": "cat"}, "smallest": {"class": "dog"}}),
        finding("C309", ERROR),  # a plug-in's, which measures nothing of the kind
    ],
)
def test_what_the_stray_folder_does_not_explain_stands_alone(other):
    assert not any("<" in one for one in chain([STRAY, other], MESSY))


def test_an_empty_folder_explains_the_class_that_its_split_lacks():
    evidence = Evidence(dataset({"cat": 9, "dog": 9}, {"cat": 9}, empty_classes=("val/dog",)))
    lacks = finding("D110", ERROR, "val", measured={"split": "val", "missing": ["dog"], "extra": []})
    assert chain([lacks, finding("D121", ERROR, "empty")], evidence) == ["D121", "D110 < D121 empty"]


def test_a_head_that_fits_the_classes_of_one_split_waits_for_the_splits():
    evidence = Evidence(dataset({"cat": 9, "dog": 9, "boxes": 9}, {"cat": 9, "dog": 9}))
    lacks = finding("D110", ERROR, "val", measured={"split": "val", "missing": ["boxes"], "extra": []})
    fits, small = (finding("C309", ERROR, measured={"outputs": n, "classes": 3}) for n in (2, 1))
    assert chain([lacks, fits], evidence) == ["D110", "C309 < D110 val"]
    assert chain([lacks, small], evidence) == ["C309", "D110"]


def test_dropped_alpha_explains_blank_pictures_and_these_explain_copies():
    alpha = finding("D114", measured={"modes": {"RGBA": 40, "RGB": 60}})
    blank = finding("D116", WARNING, "flat", measured={"images": 38}, files=("a.png", "b.png"))
    copies = finding("D104", measured={"copies": 30}, files=("a.png = b.png",))
    evidence = Evidence(dataset())
    assert chain([copies, blank, alpha], evidence) == ["D114", "D104 < D116 flat", "D116 < D114"]
    photographs = finding("D116", WARNING, "flat", measured={"images": 38}, files=("a.jpg",))
    assert "D116" in chain([alpha, photographs], evidence)
    others = finding("D104", measured={"copies": 30}, files=("c.png = d.png",))
    assert "D104" in chain([others, blank], evidence)


def test_random_weights_explain_the_want_of_images_and_steps():
    random = Evidence(dataset(), config(weights="none"))
    found = [finding("D108"), finding("C304"), finding("C301", ERROR), finding("P501")]
    assert chain(found, random) == ["C301", "C304 < C301", "D108 < C301", "P501 < C301"]
    assert chain(found[:2], random) == ["D108", "C304 < D108"]
    assert chain([finding("C324", WARNING, "comment"), *found[2:]], random) == [
        "C324", "C301 < C324 comment", "P501 < C324 comment",
    ]  # fmt: skip
    assert "C301" in chain([finding("C339", WARNING, "loose"), finding("C301", ERROR)], random)


def test_diverging_probes_follow_from_the_rate_and_broken_input():
    assert chain([finding("P503", ERROR), finding("C302", ERROR)]) == ["C302", "P503 < C302"]
    assert chain([finding("M407"), finding("N203", ERROR), finding("P506")]) == [
        "N203",
        "M407 < N203",
        "P506 < N203",
    ]


def test_a_network_of_ones_own_does_not_meet_the_configured_input():
    from diagnose.model import OwnNetwork

    evidence = Evidence(own=OwnNetwork("own:net", 3, 64))
    assert chain([finding("M407"), finding("N203", ERROR)], evidence) == ["N203", "M407"]
    assert chain([finding("M407"), finding("M404", ERROR)], evidence) == ["M404", "M407 < M404"]


def test_held_out_images_follow_where_the_fix_makes_both_alike():
    differ = finding("N208", ERROR, measured={"scaling": {"train": (), "held_out": ("1/255",)}})
    assert chain([differ, finding("N201", ERROR, changes={"scaling": ("1/255",)})]) == ["N201", "N208 < N201"]
    assert chain([differ, finding("N201", ERROR, changes={"scaling": ("-1..1",)})]) == ["N201", "N208"]


def test_of_two_fixes_of_one_field_the_graver_one_stands():
    low = finding("X302", WARNING, changes={"learning_rate": 0.1})
    high = finding("X303", ERROR, changes={"learning_rate": 0.001})
    first, second = in_order([low, high], Evidence())
    assert (first.code, second.code, second.because_of) == ("X303", "X302", "X303")
    assert second.because == "gives way to X303: its fix sets learning_rate to another value"
    assert chain([low, finding("X304", changes={"learning_rate": 0.1})]) == ["X302", "X304"]


def test_a_fix_that_would_undo_a_graver_ones_gives_way():
    small, large = finding("D112", INFO), finding("C318")
    _, second = in_order([small, large], Evidence())
    assert (second.code, second.because) == ("D112", "gives way to C318: the weights want a larger input")
    assert second.fix == "Heed C318 first: the weights want a larger input."
    measured = finding("P502", WARNING)
    random = Evidence(dataset(), config(weights="none"))
    assert chain([finding("C304"), measured], random) == ["P502", "C304 < P502"]
    assert "C304" in chain([finding("C304"), finding("P502", INFO)], random)


def test_harm_goes_before_the_alphabet_and_a_cause_counts_as_its_worst_consequence():
    likely = finding("A1", ERROR, confidence=Confidence.LIKELY)
    found = [finding("D101"), finding("Z9", ERROR), likely, finding("M412", INFO), finding("M404", ERROR)]
    assert chain(found) == ["M412", "M404 < M412", "Z9", "A1", "D101"]


def test_what_probes_measured_outweighs_a_guess():
    measured = probes(probe_run(), attribution=attribution(("augmentation", 0.3, 0.5), ("shuffling", -0.1, 0.1)))
    found = [finding("C305"), finding("C312"), finding("C318"), finding("A1", ERROR, confidence=Confidence.LIKELY)]
    assert chain(found, Evidence(measured=measured)) == ["C305", "A1", "C312", "C318"]


def test_equal_harm_goes_by_place():
    at = [Location("b.py", 2), Location("a.py", 9), Location("a.py", 3), None]
    found = [finding(f"X{number}", location=place) for number, place in enumerate(at)]
    assert chain(found) == ["X2", "X1", "X0", "X3"]


def test_ordering_again_changes_nothing():
    found = [finding("P503", ERROR), finding("C302", ERROR, changes={"learning_rate": 0.1}), finding("P507")]
    once = in_order(found, Evidence())
    assert in_order(once, Evidence()) == once


def test_no_rule_leads_back_to_itself():
    graph = {}
    for rule in RULES:
        for effect in rule.effects:
            graph.setdefault(effect, set()).add(rule.cause.partition(" ")[0])
    assert list(TopologicalSorter(graph).static_order())


def test_every_rule_is_about_checks_that_there_are():
    named = {code for rule in RULES for code in (rule.cause.partition(" ")[0], *rule.effects)}
    assert named <= set(load_checks())
    assert all(rule.why and not rule.why.endswith(".") for rule in RULES)
