"""The server in a process of its own, asked by a client of the library's over standard input and output."""

import asyncio
import sys
from collections import defaultdict

import pytest
from editing import NETS, PROGRAM, save

pytest.importorskip("pygls")

from lsprotocol import types
from pygls.lsp.client import LanguageClient


class Editor:
    """What an editor does: opens, saves, and asks about a line, counted from 0 as in the protocol."""

    def __init__(self, client, folder):
        self._client, self._folder = client, folder
        self._published = defaultdict(asyncio.Queue)  # by file

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params):
            self._published[params.uri].put_nowait(params.diagnostics)

    def uri(self, name):
        return (self._folder / name).as_uri()

    def document(self, name):
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name):
        text = (self._folder / name).read_text()
        item = types.TextDocumentItem(self.uri(name), "python", 1, text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, name, text):
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=2)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def save(self, name, text):
        self.type(name, text)
        save(self._folder / name, text)
        self._client.text_document_did_save(types.DidSaveTextDocumentParams(self.document(name)))

    async def shown(self, name):
        """What is published next, of this file, by code."""
        diagnostics = await asyncio.wait_for(self._published[self.uri(name)].get(), 60)
        return {one.code: one for one in diagnostics}

    async def fixes(self, name, line):
        place = types.Range(types.Position(line, 0), types.Position(line, 0))
        params = types.CodeActionParams(self.document(name), place, types.CodeActionContext([]))
        return await asyncio.wait_for(self._client.text_document_code_action_async(params), 60)

    async def hover(self, name, line):
        params = types.HoverParams(self.document(name), types.Position(line, 4))
        return await asyncio.wait_for(self._client.text_document_hover_async(params), 60)

    def close(self, name):
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(self.document(name)))

    async def settled(self):
        """Waits until all that was sent has been answered; nothing is published by then."""
        await self.hover("train.py", 999)
        assert not self._published


@pytest.fixture
async def editor(edited):
    client = LanguageClient("test", "1")
    made = Editor(client, edited)
    await client.start_io(sys.executable, "-m", "diagnose", "--lsp")
    try:
        answer = await client.initialize_async(
            types.InitializeParams(capabilities=types.ClientCapabilities(), root_uri=edited.as_uri())
        )
        assert answer.capabilities.hover_provider
        assert answer.server_info.name == "diagnose"
        client.initialized(types.InitializedParams())
        yield made
        await client.shutdown_async(None)
        client.exit(None)
    finally:
        await client.stop()


async def test_findings_stand_at_their_lines_and_leave_once_they_are_fixed(editor):
    editor.open("train.py")
    found = (await editor.shown("train.py"))["C302"]
    assert (found.severity, found.source) == (types.DiagnosticSeverity.Error, "diagnose")
    assert found.message.startswith("The learning rate 100 ")
    line = PROGRAM.splitlines()[6]
    assert found.range == types.Range(types.Position(6, 0), types.Position(6, len(line)))
    editor.save("train.py", PROGRAM.replace("100.0", "0.1"))
    assert "C302" not in await editor.shown("train.py")
    editor.close("train.py")
    assert await editor.shown("train.py") == {}


async def test_a_line_with_a_finding_offers_its_fix_and_explains_the_check(editor):
    editor.open("train.py")
    await editor.shown("train.py")
    page = (await editor.hover("train.py", 6)).contents
    assert page.kind == types.MarkupKind.Markdown
    assert "**C302 learning-rate-too-high**" in page.value
    assert "**Why it matters.** the loss rises" in page.value
    assert await editor.hover("train.py", 2) is None
    (action,) = [one for one in await editor.fixes("train.py", 6) if one.title.startswith("C302")]
    ((uri, (edit,)),) = action.edit.changes.items()
    assert uri == editor.uri("train.py")
    assert edit.range == types.Range(types.Position(6, 0), types.Position(7, 0))
    assert edit.new_text == PROGRAM.splitlines(keepends=True)[6].replace("100.0", "0.1")
    assert not await editor.fixes("train.py", 1)
    editor.type("train.py", f"# not saved\n{PROGRAM}")
    assert not await editor.fixes("train.py", 6)


async def test_a_file_that_trains_nothing_is_left_alone_and_nothing_is_executed(editor, edited):
    save(edited / "plain.py", "import torch\nprint(torch.ones(3))\n")
    save(edited / "data.json", '{"a": 1}\n')
    save(edited / "notes.md", "# lr = 100\n")
    for name in ("plain.py", "data.json", "notes.md"):
        editor.open(name)
    await editor.settled()
    save(edited / "train.py", f"open('executed', 'w').close()\n{PROGRAM}")
    editor.open("train.py")
    assert "C302" in await editor.shown("train.py")
    assert not (edited / "executed").exists()


async def test_what_is_wrong_in_an_imported_file_shows_there_and_its_save_counts(editor, edited):
    save(edited / "nets.py", f"{NETS}rate = 100.0\n")
    save(edited / "train.py", PROGRAM.replace("import build", "import build, rate").replace("lr=100.0", "lr=rate"))
    editor.open("train.py")
    assert (await editor.shown("nets.py"))["C302"].range.start.line == 3
    assert "C302" not in await editor.shown("train.py")
    editor.open("nets.py")
    await editor.shown("nets.py")
    editor.save("nets.py", f"{NETS}rate = 0.1\n")
    assert "C302" not in await editor.shown("nets.py")
