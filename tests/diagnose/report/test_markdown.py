import dataclasses

from builders import GLANCES, attribution, confusion, frozen, probe_run, probes, worse_by
from markdown_it import MarkdownIt

from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Severity
from diagnose.report.markdown import render_markdown
from diagnose.report.subject import Subject


def rendered(**measured):
    told = probes(probe_run("configured", glances=GLANCES), **measured)
    return render_markdown(Diagnosis("1.0", "2026-01-01", 1.0, Evidence(measured=told), (), ()))


def rows(text):
    """The cells of every table's rows as they are written."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def test_the_probes_are_told_in_words():
    text = rendered(frozen=frozen(), share=0.4, dropped=("learning rate",))
    for part in ("**Probes**: Each arm (one training variant)", "- Frozen features: 71.0%", "  - configured: 12% → 31%",
                 "more steps: still rising", "- The machine was busy", "- Not measured for lack of time"):  # fmt: skip
        assert part in text


def test_the_waterfall_leads_from_the_configured_result_to_the_best_known():
    told = attribution(("weights", 0.1, 0.3), ("recipe", 0.02, 0.06), remainder=worse_by(-0.02, 0.04))
    table = {cells[0]: cells[1:] for cells in rows(rendered(attribution=told)) if len(cells) == 5}
    assert table["as configured"][2] == "40.0%"
    assert table["recipe"][2].startswith("\\+4.0")
    assert table["remainder"] == ["what no single factor explains", "", "\\+1.0 \\[-2.0, \\+4.0\\]", ""]
    assert table["best known"][2] == "64.0%"


def test_the_matrix_is_a_folded_table_whose_names_are_text():
    nasty = "<b>*a*</b>|x"
    text = rendered(confusion=confusion(nasty, "dog"))
    assert "<summary>Confusion matrix of pretrained: rows are labels" in text
    page = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)
    assert "&lt;b&gt;*a*&lt;/b&gt;|x" in page
    assert "<strong>28</strong>" in page
    assert "<b>" not in page


def test_many_classes_have_their_pairs_and_no_matrix():
    text = rendered(confusion=dataclasses.replace(confusion("a", "b"), counts=()))
    assert "Most confused (pretrained)" in text
    assert "Confusion matrix" not in text


def found(gaps=()):
    one = Finding(Severity.ERROR, "It is 100.", "Write 0.1.", code="C302", name="rate", fingerprint="abc")
    result = CheckResult("C302", "rate", "failed", 0.0, findings=(one,))
    return Diagnosis("1.0", "2026-01-01", 1.0, Evidence(), (result,), tuple(gaps))


def test_the_fix_stands_in_view_and_the_patch_is_folded():
    patch = "-rate = 100\n+rate = 0.1  # ```\n"
    text = render_markdown(found(), Subject("photos", "train.py", {"abc": patch}))
    shown, folded = text.split("<details>", 1)
    assert ["❌", "C302 rate", "It is 100.", "Write 0.1.", ""] in rows(shown)
    assert "````diff\n-rate = 100\n+rate = 0.1  # ```\n````" in folded
    assert text.rstrip().endswith("Examined: photos \\+ train.py, 2026-01-01, 1.0 s")


def test_what_was_not_examined_is_one_line_for_each_reason():
    gaps = [Gap(code, "no probes ran") for code in ("P501", "P502", "P503")]
    text = render_markdown(found(gaps))
    assert "- P501, P502, P503: no probes ran" in text
    assert "Not examined: 3 parts" in text
