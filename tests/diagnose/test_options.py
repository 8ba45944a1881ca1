"""What of a command line cannot go together, has no effect, or has a wrong ending."""

import dataclasses

import pytest

from diagnose.model import InputError
from diagnose.options import Options, format_of, refuse

PLAIN = Options(data="photos", config="train.py", report=True)


def given(*typed, **values):
    return dataclasses.replace(PLAIN, typed=frozenset((*typed, *values)), **values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "text"),
        ({"format": "sarif"}, "sarif"),
        ({"output": "a.HTML"}, "html"),
        ({"output": "a.md"}, "markdown"),
        ({"output": "a.pdf", "format": "json"}, "json"),
        ({"output": "report", "format": "text"}, "text"),
        ({"output": "results.json", "format": "sarif"}, "sarif"),
        ({"output": "gl-code-quality-report.json", "format": "gitlab"}, "gitlab"),
        ({"output": "comment.md", "format": "comment"}, "comment"),
        ({"output": "notes.txt", "format": "markdown"}, "markdown"),
    ],
)
def test_the_format_is_that_of_the_ending_or_the_option(values, expected):
    assert format_of(given(**values)) == expected


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"output": "a.pdf"}, "the ending .pdf names no format"),
        ({"output": "report"}, "a name without an ending names no format"),
        ({"output": "--report"}, "that is an option"),
        ({"output": "a.html", "format": "json"}, "ends as html does, and --format says json"),
        ({"format": "pdf"}, "--format pdf: give one of"),
    ],
)
def test_an_ending_that_does_not_fit_is_refused(values, says):
    with pytest.raises(InputError, match=says):
        format_of(given(**values))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (given(settings=("head=12",), config=None), "--set fills a field"),
        (given(label_pattern="{label}/x", data=None), "--label-pattern concerns the images"),
        (given(ray="auto", data=None), "--ray concerns the images, --run and --checkpoint"),
        (given(probes=False, device="cpu"), "--device concerns the probes"),
        (given(probes=False, weights="none"), "--weights concerns the probes"),
        (given(report=False, quiet=True), "--quiet concerns the report"),
        (given(report=False, fail_on="never"), "--fail-on concerns the report"),
        (given(verbose=True, format="json"), "--verbose concerns the text"),
        (given(fix=True, format="json"), "--format concerns the report, and a patch is printed"),
        (given(fix=True, tune=True), "each print a patch"),
        (given(against="other.py", config=None), "give the first with --config"),
        (given(watch=True, config=None), "give its file with --config"),
        (given(watch=True, config="-"), "give its file with --config"),
        (given(watch=True, run=True), "and nothing else: leave out --run"),
        (given(watch=True, fail_on="never"), "leave out --fail-on"),
        (given(lsp=True, watch=True), "leave out --lsp"),
        (given("data", lsp=True), "--lsp reads the programs that an editor opens: leave out --data"),
    ],
)
def test_what_would_change_nothing_is_refused(options, says):
    with pytest.raises(InputError, match=says):
        refuse(options)


@pytest.mark.parametrize(
    "options",
    [
        PLAIN,
        given(probes=False, model="nets:build", device="cpu"),
        given(probes=False, cache=False),  # the scan is measured again, too
        given(quiet=True, fail_on="warning", baseline="old.json"),
        given(ray="auto", data=None, run=True),
        given(ray="auto", data=None, checkpoint="best.pth"),
        given(verbose=True, format="text"),
        given(fix=True, output="report.json", format="json"),
        dataclasses.replace(PLAIN, probes=False, device="cpu"),  # by the project's settings, which serve other runs too
    ],
)
def test_what_has_an_effect_is_taken(options):
    refuse(options)
