"""The Diagnosis as a comment on a pull request: what to fix in view, the rest folded, and a marker to find it again."""

from __future__ import annotations

from collections.abc import Iterable

from diagnose.model import Diagnosis, Finding, Severity
from diagnose.report.gaps import by_reason
from diagnose.report.gfm import folded, safe, table
from diagnose.report.markdown import COLUMNS_OF_FINDINGS, counts_line, row
from diagnose.report.subject import Subject, examined_line
from diagnose.report.text import data_line

MARKER = "<!-- diagnose -->"  # whoever posts the comment updates the one that begins with it
LONGEST = 60_000  # characters; GitHub takes 65,536
LONGEST_TEXT = 600  # characters of one text before it is escaped, the verdict apart
LONGEST_VERDICT = 2_000
RESERVED = 500  # characters for the lines that say what is left out


def render_comment(diagnosis: Diagnosis, subject: Subject | None = None) -> str:
    """GitHub's Markdown, at most 60,000 characters, with the marker as its first line. subject: what was examined."""
    verdict = safe(_shortened(diagnosis.verdict, LONGEST_VERDICT))
    head = f"{MARKER}\n### diagnose: {verdict}\n\n{counts_line(diagnosis)}\n\n"
    foot = f"{safe(_shortened(examined_line(diagnosis, subject or Subject())))}\n"
    room = LONGEST - RESERVED - len(head) - len(foot)
    grave = [finding for finding in diagnosis.findings if finding.severity is not Severity.INFO]
    mild = [finding for finding in diagnosis.findings if finding.severity is Severity.INFO]
    in_view = _fitting(_findings(grave), room)
    behind = _fitting((*_findings(mild), *_rest(diagnosis)), room - len(in_view))
    title = f"{f'{len(mild)} more worth knowing, ' if mild else ''}the images, and what was not examined"
    return "\n".join((f"{head}{in_view}", *folded(title, [behind]), foot))


def _findings(findings: list[Finding]) -> Iterable[str]:
    cells = ([_shortened(cell) for cell in row(finding)] for finding in findings)
    return table(COLUMNS_OF_FINDINGS, cells) if findings else ()


def _rest(diagnosis: Diagnosis) -> Iterable[str]:
    """The images, and a line for each reason why something was not examined."""
    if data := diagnosis.evidence.dataset:
        yield f"**Data**: {safe(_shortened(data_line(data)))}\n"
    for failed, codes, why in by_reason(diagnosis):
        yield f"- {'**failed** ' if failed else ''}{_shortened(codes)}: {safe(_shortened(why))}"


def _shortened(text: str, longest: int = LONGEST_TEXT) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _fitting(lines: Iterable[str], room: int) -> str:
    """The first lines, as many as there is room for, and how many are left out."""
    text, every = "", list(lines)
    for number, line in enumerate(every):
        if len(text) + len(line) >= room:
            return f"{text}\n{len(every) - number} more lines are left out here; the report has them all.\n\n"
        text += f"{line}\n"
    return text
