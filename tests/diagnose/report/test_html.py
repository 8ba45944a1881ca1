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

from diagnose.model import CheckResult, ClassRow, Diagnosis, Evidence, Finding, Gap, Histogram
from diagnose.report.html import render_html

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
        if tag not in ("meta", "img", "br"):
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
    assert [source[:23] for source in sources if source] == ["data:image/jpeg;base64,"]
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
    assert "1 error, 1 warning, 0 infos" in page.text


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
