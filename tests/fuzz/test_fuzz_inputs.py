"""Sheets, formulas, forms, flows and drawings as nobody would make them: refused in words, never a fault or a hang."""

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st

from engine.dictionary.field import Field, read_codelist, read_field
from engine.errors import Problem
from engine.formula.document import Document
from engine.formula.evaluate import evaluate
from engine.formula.parse import parse, parse_members
from engine.settings import ROOT
from forms import compile as compiler
from forms.designing import intake
from forms.importers.excel.draft import to_form
from forms.importers.excel.files import read
from forms.importers.excel.propose import propose
from forms.importers.excel.several import recognise
from renderers import legacy_sheet
from tests import attacks
from tests.forms import samples
from tests.forms.importers.excel import books
from tests.forms.importers.test_xlsform import FARM
from tests.forms.importers.test_xlsform import book as survey
from tests.fuzz import drawn
from tests.fuzz.rounds import fuzz
from tests.workflows.case import three
from tests.workflows.test_branches import NESTED, PARALLEL
from workflows import flow
from workflows.bpmn import read as bpmn
from workflows.bpmn import write as bpmn_out
from workflows.soundness import check

PACK = ROOT / "packs" / "yantai"


def refused(doing: Callable[[], Any]) -> Any:
    """What it gives; None where it refuses in words, in both languages."""
    try:
        return doing()
    except Problem as problem:
        told = problem
    assert 400 <= told.status < 500, told.code
    assert told.text("zh") != told.code != told.text("en")
    return None


def documents(folder: str) -> list[Any]:
    """The declarations of a folder of the pack."""
    found = sorted((PACK / folder).glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in found]


@cache
def fields() -> tuple[Field, ...]:
    """The dictionary of the pack."""
    return tuple(
        read_field(one, path.stem)
        for path in sorted((PACK / "fields").glob("*.json"))
        for one in json.loads(path.read_text(encoding="utf-8"))["fields"]
    )


@cache
def workbooks() -> tuple[bytes, ...]:
    """Small honest sheets, and hostile ones where they stand beside the repository."""
    own = [path.read_bytes() for path in sorted((PACK / "templates").glob("*.xlsx"))[:4]]
    odd = [path.read_bytes() for path in attacks.workbooks() if path.stat().st_size < 10_000]
    return (*own, *odd, books.book(lambda sheet: sheet.append(["姓名", "年龄"])), survey(**FARM))


def recognised(content: bytes) -> None:
    """All that an upload goes through, as far as it comes."""
    refused(lambda: recognise.look(content))
    grid = refused(lambda: read.open_sheet(content))
    found = refused(lambda: propose(grid, fields())) if grid is not None else None
    if found is not None:
        document = to_form(found, code="form.fuzzed", owner="370602-mzj")
        known = {one.code: one for one in fields()}
        assert compiler.problems(document, known, _codelists()) == []


@cache
def _codelists() -> dict[str, tuple[str, ...]]:
    lists = [read_codelist(one) for one in documents("codelists")]
    return {one.code: tuple(entry.code for entry in one.values) for one in lists}


def test_sheets() -> None:
    """Drawn tables, merged any way, become a form that compiles, or are refused."""
    fuzz(drawn.sheets(), recognised, share=0.12)


@pytest.mark.parametrize("kind", ["bytes", "parts"])
def test_damaged_workbooks(kind: str) -> None:
    """Bytes changed anywhere in the file, or inside its parts."""
    whole = [one for one in workbooks() if one[:2] == b"PK" and len(one) > 3000]
    strategy = drawn.damaged(workbooks()) if kind == "bytes" else drawn.reworded(_opening(whole))

    def opened(content: bytes) -> None:
        recognised(content)
        refused(lambda: intake.imported(content, "form.fuzzed", "370602-mzj"))
        refused(lambda: legacy_sheet.to_workbook(content))

    fuzz(strategy, opened, share=0.08)


def _opening(packages: list[bytes]) -> list[bytes]:
    return [one for one in packages if refused(lambda one=one: recognise.look(one)) is not None]


def test_formulas() -> None:
    """Any words at all: parsed, told and evaluated, or refused with a place."""

    def written(text: str) -> None:
        refused(lambda: parse_members(text))
        tree = refused(lambda: parse(text))
        if tree is not None:
            refused(lambda: evaluate(tree, Document({}, today=date(2026, 11, 23))))

    fuzz(st.one_of(drawn.FORMULAS, st.sampled_from(attacks.strings())), written, share=0.08)


def test_form_documents() -> None:
    """A form with parts that do not belong is told what is wrong with it, place by place."""
    known = {one.code: one for one in fields()}
    real = [*documents("forms"), *documents("ledgers"), samples.form()]

    def compiled(document: Any) -> None:
        found = compiler.problems(document, known, _codelists(), units=True)
        for complaint in found:
            assert complaint.text("zh")
        if not found:
            compiler.compile_form(document, known, _codelists())

    fuzz(drawn.changed(real), compiled, share=0.12)


def test_flow_documents() -> None:
    """A flow with parts that do not belong is refused by place, or checked for soundness to the end."""

    def checked(document: Any) -> None:
        loaded = refused(lambda: flow.load(document))
        if loaded is not None:
            for fault in check(loaded):
                assert fault.text("zh")
            assert flow.load(flow.dump(loaded)) == loaded

    fuzz(drawn.changed(_flows()), checked, share=0.12)


def _flows() -> list[Any]:
    return [*documents("flows"), three(), PARALLEL, NESTED]


def test_bpmn_files() -> None:
    """A drawing with bytes changed, cut or doubled."""
    own = [bpmn_out.write(flow.load(one)) for one in _flows()]
    found = sorted((attacks.CORPUS.parent / "bpmn-dmn").rglob("*.bpmn"))
    files = [*own, *(path.read_bytes() for path in found[:10])]

    def carried(content: bytes) -> None:
        imported = refused(lambda: bpmn.read(content))
        if imported is not None:
            assert bpmn.words(imported) is not None

    fuzz(drawn.damaged(files), carried, share=0.08)


def test_json_schemas() -> None:
    """Any schema, and any text that is nearly JSON, becomes a form or is refused."""
    schema = {
        "title": "登记",
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "maxLength": 20, "pattern": "^a"},
            "kind": {"enum": ["a", "b", 3], "description": "x"},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
        },
        "$defs": {"part": {"type": "object", "properties": {"n": {"type": ["integer", "null"]}}}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["parts"]}}
        ],
    }
    texts = st.sampled_from(attacks.json_texts() or ["{"]).map(str.encode)
    whole = drawn.changed([schema]).map(lambda one: json.dumps(one).encode())

    def imported(content: bytes) -> None:
        found = refused(lambda: intake.imported(content, "form.fuzzed", "370602-mzj"))
        if found is not None:
            assert found[0]["form"]["code"] == "form.fuzzed"

    fuzz(st.one_of(texts, whole), imported, share=0.07)
