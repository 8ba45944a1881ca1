"""Excel's tables, as Excel and others write them."""

import zipfile
from xml.sax.saxutils import escape

import pytest
from folders import fill, listed

from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.workbook import pages_of
from diagnose.model import InputError

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATED = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def book(path, sheets, shared=True):
    """Write {name: rows} as a workbook, with texts shared between cells as Excel does, or in their cells."""
    texts = sorted({str(cell) for rows in sheets.values() for row in rows for cell in row if isinstance(cell, str)})

    def cell(value, row, column):
        place = f"{chr(65 + column)}{row + 1}"
        if not isinstance(value, str):
            return f'<c r="{place}"><v>{value}</v></c>'
        if shared:
            return f'<c r="{place}" t="s"><v>{texts.index(value)}</v></c>'
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'

    with zipfile.ZipFile(path, "w") as archive:
        inner = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets))
        archive.writestr("xl/workbook.xml", f"<workbook {MAIN} {RELATED}><sheets>{inner}</sheets></workbook>")
        rels = "".join(f'<Relationship Id="r{n}" Target="worksheets/s{n}.xml"/>' for n in range(len(sheets)))
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{rels}</Relationships>")
        if shared:
            items = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
            archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{items}</sst>")
        for n, rows in enumerate(sheets.values()):
            lines = "".join(f"<row>{''.join(cell(value, r, c) for c, value in enumerate(row) if value != '')}</row>"
                            for r, row in enumerate(rows))  # fmt: skip
            archive.writestr(f"xl/worksheets/s{n}.xml", f"<worksheet {MAIN}><sheetData>{lines}</sheetData></worksheet>")
    return path


def rows(*labels, start=0):
    return [[f"{n:03d}.png", label] for n, label in enumerate(labels, start)]


@pytest.mark.parametrize("shared", [True, False])
def test_a_table_below_a_title(tmp_path, shared):
    fill(tmp_path, {"photos": 6}, 16)
    title = [["Survey 2021", ""], ["", ""]]
    book(tmp_path / "labels.xlsx", {"Sheet1": [*title, ["file", "label"], *rows(*"ababab")], "Notes": [["x"]]}, shared)
    assert listed(find_source(tmp_path)) == {"all": {"a": 3, "b": 3}}
    assert listed(find_source(tmp_path / "labels.xlsx")) == {"all": {"a": 3, "b": 3}}


def test_a_sheet_for_each_split(tmp_path):
    fill(tmp_path, {"photos": 6}, 16)
    head = ["file", "grade"]
    book(tmp_path / "l.xlsx", {"train": [head, *rows(0, 1, 0, 1)], "test": [head, *rows(0, 1, start=4)]})
    assert listed(find_source(tmp_path)) == {"train": {"0": 2, "1": 2}, "test": {"0": 1, "1": 1}}


def test_a_sheet_for_each_folder_whose_files_are_called_alike(tmp_path):
    fill(tmp_path, {"Base11": 4, "Base12": 4}, 16)
    head = ["image", "Retinopathy grade", "hospital"]
    book(tmp_path / "l.xlsx", {f"Base1{n}": [head, *[[*row, "Lyon"] for row in rows(n, 2, n, 2)]] for n in (1, 2)})
    assert listed(find_source(tmp_path / "l.xlsx")) == {"all": {"1": 2, "2": 6}}


def test_a_workbook_in_each_folder_by_its_name(tmp_path):
    for place in ("Base11", "Base12"):
        fill(tmp_path, {place: 6}, 16)
        head = ["Image name", "Retinopathy grade", "Risk of edema"]
        book(tmp_path / place / f"Annotation_{place}.xlsx",
             {"a": [head, *[[*row, row[1] // 2] for row in rows(0, 1, 2, 0, 1, 2)]]})  # fmt: skip
    source = find_source(tmp_path)
    assert listed(source) == {"all": {"0": 4, "1": 4, "2": 4}}
    assert any("Risk of edema may be it as well" in note.said for note in source.notes)


@pytest.mark.parametrize("file", [b"PK", b"\xd0\xcf\x11\xe0old"])
def test_other_files_than_workbooks_are_reported(tmp_path, file):
    (tmp_path / "l.xlsx").write_bytes(file)
    with pytest.raises(InputError, match="save it as CSV"):
        pages_of(tmp_path / "l.xlsx")


def test_entities_are_not_expanded(tmp_path):
    with zipfile.ZipFile(tmp_path / "l.xlsx", "w") as archive:
        archive.writestr("xl/_rels/workbook.xml.rels", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>")
    with pytest.raises(InputError, match="declares entities"):
        pages_of(tmp_path / "l.xlsx")
