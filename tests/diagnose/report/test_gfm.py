"""Names become text and nothing else, on GitHub too, as a reader of Markdown sees it."""

import pytest
from markdown_it import MarkdownIt

from diagnose.report.gfm import fenced, folded, safe, table

GAP = "\u200b"


def page(text):
    return MarkdownIt("gfm-like", {"linkify": True, "html": True}).render(text)


@pytest.mark.parametrize(
    "text", ["<b>a</b>", "**a**", "`a`", "[a](b)", "![a](b)", "a|b", "# a", "~~a~~", "<!-- a", "&lt;"]
)
def test_no_mark_is_one(text):
    (line,) = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parseInline(f"x {safe(text)} y")
    assert [(token.type, token.content) for token in line.children] == [("text", f"x {text} y")]


@pytest.mark.parametrize("text", ["@octocat", "see #12", "https://example.com", "www.example.com", "a@example.com"])
def test_nobody_is_called_and_nothing_is_linked(text):
    shown = page(safe(text))
    assert "<a " not in shown
    assert GAP in shown
    assert shown.replace(GAP, "") == f"<p>{text}</p>\n"


def test_a_numbers_sign_alone_and_a_scheme_alone_stay_as_they_are():
    assert page(safe("C# and 12:30, C:\\x")) == "<p>C# and 12:30, C:\\x</p>\n"


def test_a_table_keeps_its_columns():
    text = "\n".join(table(("a", "b"), [("1|2", "x\ny")]))
    assert page(text).count("<td>") == 2


def test_code_stays_within_its_fence_and_a_title_within_its_summary():
    assert page("\n".join(fenced(["```", "a"], "diff"))).count("<code") == 1
    assert "<summary>&lt;i&gt;</summary>" in "\n".join(folded("<i>", ["a"]))
