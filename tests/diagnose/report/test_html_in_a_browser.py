"""The page as Chromium lays it out: complete, readable on a phone, and silent on the network."""

import json
import re
import shutil
import subprocess

import pytest
from builders import (
    GLANCES,
    attribution,
    comparison,
    confusion,
    curve,
    dataset,
    frozen,
    learning_rate,
    network,
    probe_run,
    probes,
)

from diagnose.model import (
    CheckResult,
    ClassRow,
    Contrast,
    Diagnosis,
    Difference,
    Evidence,
    Finding,
    Histogram,
    Severity,
)
from diagnose.report.html import render_html

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome")

PHONE = 390  # CSS pixels, an ordinary phone's
# A script that only this test puts in, since the page has none: what a reader would complain of.
PROBE = """<script>
const wide = [...document.body.querySelectorAll("p,h1,h2,h3,article,dl,dd,svg.chart,.legend")]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName);
const narrow = [...document.querySelectorAll("td,dd,p")]
  .filter(e => e.textContent.trim().length > 12 && e.getBoundingClientRect().width < 48).map(e => e.textContent);
const small = [...document.querySelectorAll("svg.chart text")]
  .filter(e => e.getBoundingClientRect().height < 7).map(e => e.textContent);
document.title = JSON.stringify({width: document.documentElement.scrollWidth, inner: innerWidth, wide, narrow, small});
</script></body>"""


@pytest.fixture
def page():
    finding = Finding(Severity.ERROR, "It is so. " * 12, "Mend it.", {"rate": 10.0, "limit": 1e-3}, code="D104",
                      name="exact-duplicates", fingerprint="a" * 16, files=("a/" + "long" * 30 + ".jpg",))  # fmt: skip
    evidence = Evidence(
        dataset(
            table=tuple(ClassRow("train", f"class {n}", 9, 0, 32, 32, 0.5, 999) for n in range(9)),
            histograms={"brightness": Histogram((0.0, 0.5, 1.0), (3, 4))},
        ),
        measured=probes(
            *(
                probe_run(arm, glances=GLANCES, curve=tuple((n, 2.3 * 0.99**n) for n in range(40)))
                for arm in ("scratch", "pretrained")
            ),
            comparison=comparison(0.1, 0.2),
            learning_rate=learning_rate(0.1, 0.01, curve=tuple((10.0**-n, 2.0 + n / 9) for n in range(5))),
            attribution=attribution(("weights", 0.1, 0.3), ("learning rate", -0.1, 0.1)),
            curves=(curve(),),
            frozen=frozen(),
            confusion=confusion("a class", "b", "a class with a name that is longer than any column should be"),
            share=0.5,
            dropped=("learning rate",),
        ),
        own=network(),
    )
    told = Contrast("a.py", "b.py", (Difference("weights", "none", "imagenet", "much is to be expected of it"),), True)
    result = CheckResult("D104", "exact-duplicates", "failed", 0.1, findings=(finding,))
    return render_html(Diagnosis("1.0", "2026-01-01", 1.0, evidence, (result,), (), contrast=told))


def in_browser(folder, page, width):
    """The page's text after layout, and what the probe script found."""
    assert "<script" not in page
    path = folder / "page.html"
    path.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page).replace("</body>", PROBE))
    frame = folder / "frame.html"  # a headless window has a least width; a frame has none
    frame.write_text(
        f'<iframe src="page.html" width="{width}" height="900" style="border:0"></iframe>'
        "<script>onload = () => document.title = document.querySelector('iframe').contentDocument.title</script>"
    )
    ran = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--dump-dom",
         "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}", frame.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", ran.stdout)
    assert title, ran.stdout[:2000]
    return json.loads(title[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))


@pytest.mark.parametrize("width", [PHONE, 1200])
def test_nothing_sticks_out_and_nothing_is_squeezed(page, tmp_path, width):
    told = in_browser(tmp_path, page, width)
    assert told["inner"] == width
    assert told["width"] <= width
    assert (told["wide"], told["narrow"], told["small"]) == ([], [], [])


def test_every_part_is_on_the_page(page):
    parts = ("It is so.", "What explains the gap", "Training loss of the probes", "Learning-rate range test",
             "Validation accuracy by images", "Accuracy by step", "majority-class baseline", "Frozen features: 71.0%",
             "Confusion matrix of pretrained", "`a class` taken for `b`: 12 of 40", "The machine was busy",
             "Against b.py", "much is to be expected", "Your network nets:build",
             "Activations by depth", "Gradients by depth", "One batch overfitted")  # fmt: skip
    assert [part for part in parts if part not in page] == []
