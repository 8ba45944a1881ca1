"""The server itself: what the protocol asks for, in its own words, on standard input and output."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from diagnose import __version__
from diagnose.config.read import ENDINGS
from diagnose.fixes.draft import Edit
from diagnose.lsp.programs import Programs
from diagnose.model import Finding, Severity, printable
from diagnose.registry import explanation, load_checks
from diagnose.report.gfm import documentation
from diagnose.report.source import source_of
from diagnose.request import Request

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # what the protocol counts as one


def serve(request: Request) -> None:
    """Serve one editor until it leaves. request: which checks there are, and the project's own program."""
    server_of(Programs(request)).start_io()


def server_of(programs: Programs) -> LanguageServer:
    """A server on these programs."""
    server = LanguageServer("diagnose", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
    shown: set[str] = set()

    def show() -> None:
        """Publish what is found by now; for a file that has nothing left, an empty list."""
        found: dict[str, list[types.Diagnostic]] = {uri: [] for uri in shown}
        for path, finding in programs.findings():
            found.setdefault(_uri(path), []).append(_diagnostic(finding))
        for uri, diagnostics in found.items():
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))
        shown.clear()
        shown.update(uri for uri, diagnostics in found.items() if diagnostics)

    def at(uri: str, first: int, last: int) -> Iterator[Finding]:
        """The findings at lines of a file, counted from 0."""
        for path, finding in programs.findings():
            if _uri(path) == uri and first <= _line(finding) <= last:
                yield finding

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        if (path := _path(params.text_document.uri)) is not None:
            programs.open(path)
            show()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        programs.refresh()
        show()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        if (path := _path(params.text_document.uri)) is not None:
            programs.close(path)
            show()

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    def fixes(params: types.CodeActionParams) -> list[types.CodeAction]:
        """A patch for each finding there that has one; none while a file that it changes is not saved."""
        uri, lines = params.text_document.uri, params.range
        actions = []
        for finding in at(_uri_of(uri), lines.start.line, lines.end.line):
            edits = programs.edits(finding)
            if edits and all(
                server.workspace.get_text_document(_uri(edit.path)).source == edit.before for edit in edits
            ):
                changes = {_uri(edit.path): list(_changes(edit)) for edit in edits}
                actions.append(
                    types.CodeAction(
                        title=f"{finding.code}: {printable(finding.fix)}",
                        kind=types.CodeActionKind.QuickFix,
                        diagnostics=[_diagnostic(finding)],
                        edit=types.WorkspaceEdit(changes=changes),
                    )
                )
        return actions

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def explained(params: types.HoverParams) -> types.Hover | None:
        """The documentation of the checks that found something in this line."""
        line, checks = params.position.line, load_checks()
        pages = [
            f"**{finding.code} {finding.name}**\n\n{documentation(explanation(checks[finding.code]))}"
            for finding in at(_uri_of(params.text_document.uri), line, line)
        ]
        text = "\n\n---\n\n".join(dict.fromkeys(pages))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if pages else None

    return server


def _path(uri: str) -> Path | None:
    """The file of a document; None for one that is in no file, or in one that no configuration is written in."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path) if path and Path(path).suffix.lower() in ENDINGS else None


def _uri(path: Path) -> str:
    return from_fs_path(str(path)) or path.as_uri()


def _uri_of(uri: str) -> str:
    """The same document as this server writes its address; editors escape more or less of it."""
    path = _path(uri)
    return _uri(path) if path else uri


def _line(finding: Finding) -> int:
    """From 0; a notebook's lines count within a cell, so that it has its first one."""
    at = finding.location
    return at.line - 1 if at and at.line and at.cell is None else 0


def _diagnostic(finding: Finding) -> types.Diagnostic:
    line, at = _line(finding), finding.location
    lines = (source_of(at) or "").split("\n") if at and at.cell is None else []
    text = lines[line] if line < len(lines) else ""
    start, end = len(text) - len(text.lstrip()), len(text.encode("utf-16-le")) // 2
    where = f" (cell {at.cell}, line {at.line})" if at and at.cell else ""
    return types.Diagnostic(
        range=types.Range(types.Position(line, start), types.Position(line, end)),
        message=printable(f"{finding.summary}{where} Fix: {finding.fix}"),
        severity=SEVERITIES[finding.severity],
        code=finding.code,
        source="diagnose",
    )


def _changes(edit: Edit) -> Iterator[types.TextEdit]:
    """The lines that differ."""
    before, after = (LINE.findall(text) for text in (edit.before, edit.after))
    for kind, low, high, first, last in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            place = types.Range(types.Position(low, 0), types.Position(high, 0))
            yield types.TextEdit(place, "".join(after[first:last]))
