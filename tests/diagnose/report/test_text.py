import pytest
from builders import (
    GLANCES,
    INFO,
    WARNING,
    attribution,
    comparison,
    config,
    confusion,
    curve,
    dataset,
    forecast,
    frozen,
    learning_rate,
    probe_run,
    probes,
)

from diagnose.events import ProbesPlanned
from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Location, TriedRate
from diagnose.report.text import planned_line, rate_line, render_text


def finding(severity=WARNING, code="D104", summary="Some images repeat.", **more):
    return Finding(severity, summary, "Keep one.", code=code, name="exact-duplicates", **more)


def text(*found, evidence=None, gaps=(), interrupted=False, **how):
    results = (
        CheckResult("D104", "exact-duplicates", "failed" if found else "passed", 0.0, findings=tuple(found)),
        CheckResult("P501", "scratch-behind-pretrained", "skipped", 0.0, why="--no-probes was given"),
    )
    whole = Diagnosis("0.1", "now", 1.0, evidence or Evidence(), results, tuple(gaps), interrupted)
    return render_text(whole, **how)


def test_the_verdict_comes_first():
    assert text().startswith("Verdict: No fault was found in duplicate images; not looked at: the image files,")
    assert text(finding()).startswith(
        "Verdict: The run should work, but it would lose accuracy or time. Some images repeat. Fix: "
    )
    assert text(interrupted=True).startswith("Verdict: Stopped before the end")


def test_one_line_tells_a_finding_and_is_never_wrapped():
    long = "A summary that is much longer than any line of a terminal should be, " * 3
    lines = text(finding(summary=long, location=Location("c.yaml", 7)), width=60).splitlines()
    (line,) = [line for line in lines if "D104" in line]
    assert line == f"! D104 warning exact-duplicates: {long} (c.yaml:7)"


def test_findings_are_sorted_by_severity_and_code():
    out = text(finding(INFO, "D114"), finding(WARNING, "D109"), finding(WARNING, "D104"))
    assert [line.split()[1] for line in out.splitlines() if line.startswith(("! D", "i D"))] == ["D104", "D109", "D114"]


def test_details_hold_the_fix_the_evidence_and_the_files():
    out = text(finding(measured={"copies": 3, "share": 0.0371}, files=("a.png = b.png",)))
    assert "    fix         Keep one." in out
    assert "    evidence    copies 3, share 0.0371" in out
    assert "    files       a.png = b.png" in out


def test_what_was_not_examined_is_said_once_per_reason():
    out = text(gaps=[Gap("P501", "no probes"), Gap("P502", "no probes"), Gap("probes", "crashed", failed=True)])
    assert "- P501, P502: no probes" in out
    assert "! probes: crashed" in out
    assert "1 checks passed, 1 not examined" in out


def test_probes_are_shown_with_their_curves():
    measured = probes(
        probe_run("scratch"),
        probe_run("scratch", None, seed=1, diverged=True),
        comparison=comparison(0.1, 0.3),
        learning_rate=learning_rate(0.1, 0.01, curve=tuple((10.0**-n, 2.0 - n / 10) for n in range(6, 0, -1))),
    )
    out = text(evidence=Evidence(dataset(), config(weights="none"), measured))
    assert "Pretrained beats scratch by +20.0 points [+10.0, +30.0] on resnet50" in out
    assert "(1 diverged)" in out
    assert "lower bound" in out
    assert "training loss" in out
    assert "learning rate" in out


def test_an_undecided_comparison_is_called_undecided():
    out = text(evidence=Evidence(dataset(), None, probes(probe_run(), comparison=comparison(-0.1, 0.3))))
    assert "is not decided" in out


@pytest.mark.parametrize("colour", [False, True])
def test_no_markup_and_no_escape_gets_through(colour):
    nasty = "[bold]x[/bold] \x1b]0;title\x07 \x1b[31m\nnew"
    out = text(finding(summary=nasty, location=Location(nasty, 1)), colour=colour)
    assert "\x1b]0" not in out
    assert "\x07" not in out
    assert "[bold]x[/bold] \\x1b]0;title\\x07" in out


def test_plain_text_has_no_colour_and_can_be_compared():
    assert "\x1b" not in text(finding())
    assert "\x1b[" in text(finding(), colour=True)
    assert text(finding()) == text(finding())


def test_what_explains_the_gap_and_what_lies_ahead():
    measured = probes(
        probe_run(), attribution=attribution(("weights", 0.1, 0.3)), curves=(curve(),), forecast=forecast()
    )
    out = text(evidence=Evidence(dataset(), None, measured))
    assert "What explains the gap" in out
    assert "weights  before → after" in out
    assert "twice as many would give 83.0%" in out
    assert "Full training run on this machine" in out


def test_the_plan_is_told_with_its_time():
    told = planned_line(ProbesPlanned(("frozen features", "the configuration × 3"), 170.2))
    assert told == "Will run 2 probes, about 2:50: frozen features; the configuration × 3"


def test_the_learning_rate_in_a_sentence():
    tried = (TriedRate(0.003, 1.5), TriedRate(0.01, 1.2), TriedRate(0.03, 1.4))
    told = rate_line(learning_rate(1.0, 0.01, tried=tried, band=(0.003, 0.03), lost_steps=0.6))
    assert told == (
        "Learning rate: 0.01 is the best estimate from 3 rates tried, from 0.003 to 0.03 about as good; configured 1, "
        "which wastes about 60% of the steps. The best learning rate of a full training run may be lower."
    )
    assert "none is suggested" in rate_line(learning_rate(1.0, None, tried=tried))


def test_the_section_of_the_probes_begins_with_what_was_done():
    measured = probes(
        probe_run("configured", steps=60, images=960, glances=GLANCES),
        frozen=frozen(),
        confusion=confusion("cat", "dog"),
        share=0.4,
        dropped=("learning rate",),
    )
    for width in (80, 120):
        lines = text(evidence=Evidence(dataset(), None, measured), width=width).splitlines()
        start = lines.index("Probes")
        section = lines[start : lines.index("Training loss by step, mean over the seeds")]
        assert all(len(line) <= width for line in section)
        told = " ".join(" ".join(section).split())
        places = [
            told.index(part)
            for part in (
                "Each arm (one training variant)",
                "Majority-class baseline",
                "Frozen features: 71.0% [67.0%, 75.0%]",
                "arm weights seeds steps lr accuracy each seed",
                "configured 12% → 31% → 44% → 52% after 15, 30, 45, 60 steps",
                "more steps: still rising, +21 points in the second half",
                "`cat` taken for `dog`: 12 of 40",
                "label 1 2 1 cat 28 12 2 dog 12 28",
                "The machine was busy",
                "Not measured for lack of time: learning rate",
            )
        ]
        assert places == sorted(places)


def test_the_first_answer_alone_is_a_section_too():
    out = text(evidence=Evidence(dataset(), None, probes(frozen=frozen())))
    assert "No training was finished on the CPU." in out
    assert "Frozen features: 71.0%" in out


def test_architectures_have_a_column_where_there_are_two():
    one, two = probe_run("scratch"), probe_run("scratch", arch="resnet18")
    assert "architecture  weights" not in text(evidence=Evidence(measured=probes(one)))
    assert "architecture  weights" in text(evidence=Evidence(measured=probes(one, two)))


def test_in_a_terminal_the_verdict_and_what_to_type_come_last():
    one, two = (finding(summary=f"Fault {n}.", code=f"D10{n}") for n in (1, 2))
    lines = text(one, two, gaps=[Gap("P501", "--no-probes was given")], closing=["Next: this"], verbose=False, width=60)
    assert not lines.startswith("Verdict")
    assert "Not examined" not in lines
    *_, above, last = lines.rstrip().splitlines()
    assert last == "Next: this"
    assert above.strip() == "not examined"  # wrapped at a word
    causes = [line for line in lines.splitlines() if line.startswith("         (")]
    assert [cause[9:12] for cause in causes] == ["(1)", "(2)"]


def test_verbose_shows_in_a_terminal_what_was_not_examined():
    assert "Not examined" in text(gaps=[Gap("P501", "--no-probes was given")], closing=[], verbose=True)
