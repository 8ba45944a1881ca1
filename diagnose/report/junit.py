"""The Diagnosis as JUnit XML, which CI systems show: a test case for each check, a failure for each finding."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from diagnose.model import CheckResult, Diagnosis, Finding, Severity, area, printable
from diagnose.report.text import shown


def render_junit(diagnosis: Diagnosis) -> str:
    """One suite. What is worth knowing only is in a passed case's output; a check that crashed is an error."""
    results = diagnosis.results
    failed = [result for result in results if any(_fails(finding) for finding in result.findings)]
    suite = ElementTree.Element(
        "testsuite",
        name="diagnose",
        tests=str(len(results)),
        failures=str(len(failed)),
        errors=str(sum(result.state == "crashed" for result in results)),
        skipped=str(sum(result.state == "skipped" for result in results)),
        time=f"{diagnosis.seconds:.3f}",
        timestamp=diagnosis.started.removesuffix("+00:00"),
    )
    properties = ElementTree.SubElement(suite, "properties")
    entries = [("verdict", diagnosis.verdict)]
    entries += [(f"not examined: {gap.code}", gap.why) for gap in diagnosis.not_examined if gap.failed]
    for name, value in entries:
        ElementTree.SubElement(properties, "property", name=printable(name), value=printable(value))
    linked = {finding.fingerprint: finding for finding in diagnosis.findings}
    for result in results:
        findings = tuple(linked.get(finding.fingerprint, finding) for finding in result.findings)
        _case(suite, replace(result, findings=findings))
    whole = ElementTree.Element("testsuites", name="diagnose")
    whole.append(suite)
    ElementTree.indent(whole)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(whole, encoding="unicode")}\n'


def _case(suite: ElementTree.Element, result: CheckResult) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"diagnose.{area(result.code)}",
        name=f"{result.code} {result.name}",
        time=f"{result.seconds:.3f}",
    )
    if result.state == "skipped":
        ElementTree.SubElement(case, "skipped", message=printable(result.why))
    elif result.state == "crashed":
        ElementTree.SubElement(case, "error", type="crash", message=printable(result.why))
    wrong = [finding for finding in result.findings if _fails(finding)]
    if wrong:
        # JUnit's readers show one failure a case, so it holds them all.
        gravest = min(wrong, key=lambda finding: finding.severity.rank)
        failure = ElementTree.SubElement(
            case, "failure", type=gravest.severity.value, message=printable(gravest.summary)
        )
        failure.text = "\n\n".join(map(_told, wrong))
    known = [finding for finding in result.findings if not _fails(finding)]
    if known:
        ElementTree.SubElement(case, "system-out").text = "\n\n".join(map(_told, known))


def _fails(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _told(finding: Finding) -> str:
    place = f" ({finding.location})" if finding.location else ""
    lines = [f"{finding.severity.value}: {finding.summary}{place}", f"fix: {finding.fix}"]
    lines += [f"evidence: {shown(finding.measured)}"] if finding.measured else []
    return "\n".join(printable(line) for line in (*lines, f"confidence: {finding.confidence.value}", *finding.files))
