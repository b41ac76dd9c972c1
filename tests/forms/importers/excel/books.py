"""Workbooks made in the test: small honest ones by openpyxl, hostile ones part by part."""

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import openpyxl

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(fill: Callable[[Any], None]) -> bytes:
    """A workbook with one sheet, filled by `fill`."""
    workbook = openpyxl.Workbook()
    fill(workbook.active)
    target = BytesIO()
    workbook.save(target)
    return target.getvalue()


def parts(sheet: str, more: Mapping[str, str] | None = None) -> bytes:
    """A workbook whose sheet XML is given as it is, with further parts."""
    found = {
        "_rels/.rels": f'<Relationships {RELS}><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {NS} xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships {RELS}><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **(more or {}),
    }
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in found.items():
            package.writestr(name, text)
    return target.getvalue()


def rows(inner: str, after: str = "") -> str:
    """Sheet XML around rows."""
    return f"<worksheet {NS}><sheetData>{inner}</sheetData>{after}</worksheet>"


def line(number: int, *texts: str) -> str:
    """One row of inline strings from column A."""
    cells = "".join(
        f'<c r="{chr(65 + n)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for n, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'
