import base64
import dataclasses
import re
from html.parser import HTMLParser

import pytest
from builders import (
    ERROR,
    GLANCES,
    WARNING,
    attribution,
    comparison,
    confusion,
    dataset,
    frozen,
    learning_rate,
    probe_run,
    probes,
)

from diagnose.model import CheckResult, ClassRow, Diagnosis, Evidence, Finding, Gap, Histogram, Location, Severity
from diagnose.report.html import MOST_CLASSES, render_html
from diagnose.report.subject import Subject

HARM = "<script>alert(1)</script>\x1b[31m"
PICTURE = base64.b64encode(b"a picture").decode()


def diagnosis(*findings, **evidence):
    results = [CheckResult(one.code, one.name, "failed", 0.0, findings=(one,)) for one in findings]
    results.append(CheckResult("D109", "class-imbalance", "passed", 0.0))
    gaps = (Gap("C301", f"the config does not say {HARM}"),)
    return Diagnosis("1.0", "2026-01-01", 1.0, Evidence(**evidence), tuple(results), gaps)


def finding(**more):
    values = {"code": "D104", "name": "exact-duplicates", "fingerprint": "abc", "files": ("cat/a.jpg = cat/b.jpg",)}
    return Finding(ERROR, fix="Keep one.", **{"summary": "Two are one.", **values, **more})


class Page(HTMLParser):
    """What a reader takes the page for: its text, its tags and their attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text += data


@pytest.fixture
def whole():
    data = dataset(
        pictures={"cat/a.jpg": PICTURE},
        table=(ClassRow(HARM, "train", 10, 0, 64, 48, 0.5, 1500),),
        histograms={"brightness": Histogram((0.0, 0.5, 1.0), (3, 6))},
    )
    measured = probes(
        probe_run("scratch"),
        probe_run("pretrained"),
        comparison=comparison(0.1, 0.2),
        learning_rate=learning_rate(1.0, 0.1),
        attribution=attribution(("weights", 0.1, 0.2), ("learning rate", -0.05, 0.02)),
        notes=(HARM,),
    )
    return diagnosis(finding(), finding(code="D107", summary=HARM, files=(HARM,)), dataset=data, measured=measured)


def test_the_page_holds_every_part(whole):
    page = Page(render_html(whole))
    assert page.open == []
    parts = ("Two are one.", "cat/a.jpg = cat/b.jpg", "What it looks for", "weights", "remainder", "scratch")
    assert all(part in page.text for part in parts)
    assert "D109 class-imbalance" in page.text


def test_it_needs_nothing_from_anywhere(whole):
    page = Page(render_html(whole))
    sources = [attributes.get("src") or attributes.get("href") for _, attributes in page.tags]
    outside = [source for source in sources if source and not source.startswith("#")]
    assert [source[:23] for source in outside] == ["data:image/jpeg;base64,"]
    assert not re.search(r"url\(|@import", render_html(whole))


def test_no_name_becomes_markup(whole):
    page = Page(render_html(whole))
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>" in page.text
    assert "\x1b" not in render_html(whole)


def test_with_nothing_measured_there_is_a_page_all_the_same():
    page = Page(render_html(diagnosis()))
    assert "No fault was found in" in page.text


def test_every_severity_is_counted():
    page = Page(render_html(diagnosis(finding(), Finding(WARNING, "s.", "f.", code="D107", name="n", fingerprint="x"))))
    assert all(count in page.text for count in ("1 error", "1 warning", "0 infos"))


def test_the_probes_are_told_in_words_rows_and_a_matrix():
    measured = probes(
        probe_run("configured", glances=GLANCES), frozen=frozen(), confusion=confusion(HARM, "dog"), share=0.4
    )
    page = Page(render_html(diagnosis(measured=measured)))
    assert page.open == []
    for part in ("Each arm (one training variant)", "Frozen features: 71.0%", "12% → 31% → 44% → 52%", "still rising",
                 "majority-class baseline", "The machine was busy", "taken for `dog`: 12 of 40"):  # fmt: skip
        assert part in page.text
    cells = [attributes for tag, attributes in page.tags if tag == "td" and "--shade" in attributes.get("style", "")]
    assert [cell["class"] for cell in cells] == ["right", "wrong", "wrong", "right"]
    assert [cell["style"] for cell in cells] == ["--shade:0.42", "--shade:0.18", "--shade:0.18", "--shade:0.42"]
    assert "script" not in {tag for tag, _ in page.tags}


def test_many_classes_have_their_pairs_and_no_matrix():
    many = dataclasses.replace(confusion("a", "b"), counts=())
    page = Page(render_html(diagnosis(measured=probes(probe_run(), confusion=many))))
    assert "Most confused classes" in page.text
    assert "Confusion matrix" not in page.text


def test_a_finding_shows_its_line_and_its_patch(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("import torch\nlr = 10\n")
    found = finding(location=Location(str(program), 2), changes={"learning_rate": 0.1})
    patch = "--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n import torch\n-lr = 10\n+lr = 0.1 # <b>\n"
    text = render_html(diagnosis(found), Subject("photos", "train.py", {"abc": patch}))
    assert '<pre class="code"><span class="dim">2</span>  lr = 10</pre>' in text
    assert '<span class="removed">-lr = 10</span><span class="added">+lr = 0.1 # &lt;b&gt;</span>' in text
    assert "Examined: photos + train.py" in Page(text).text


def test_the_verdict_names_causes_that_lead_to_their_findings():
    page = Page(render_html(diagnosis(finding())))
    assert "Do not start the full training run yet." in page.text
    assert {"href": "#D104-abc"} in [attributes for tag, attributes in page.tags if tag == "a"]
    assert "D104-abc" in [attributes.get("id") for _, attributes in page.tags]


def test_infos_are_folded_and_severities_can_be_hidden():
    info = Finding(Severity.INFO, "Small images.", "None.", code="D112", name="small", fingerprint="i")
    page = Page(render_html(diagnosis(finding(), info)))
    folded = [attributes for tag, attributes in page.tags if tag == "details" and attributes.get("id")]
    assert [(one["id"], "open" in one) for one in folded] == [("D112-i", False)]
    boxes = [attributes["id"] for tag, attributes in page.tags if tag == "input"]
    assert boxes == ["show-error", "show-warning", "show-info"]
    assert all(f"#{box}:not(:checked)" in render_html(diagnosis()) for box in boxes)


def test_images_have_texts_and_are_named_once(whole):
    page = Page(render_html(whole))
    assert [attributes["alt"] for tag, attributes in page.tags if tag == "img"] == ["cat/a.jpg"]


def test_very_many_classes_keep_the_page_small():
    rows = tuple(ClassRow(f"class {n}", "train", n, 0, 64, 48, 0.5, 1500) for n in range(10_000))
    text = render_html(diagnosis(dataset=dataset(table=rows)))
    assert len(text) < 1_000_000
    assert f"And {10_000 - MOST_CLASSES} rows more" in text
    assert "<details><summary>Classes" in text
