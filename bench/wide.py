"""A report with one wide floating table: fifty columns under merged headings, computed cells, checks by row."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from engine.json_text import Json
from engine.work import Work
from forms import publish, store
from forms.documents import DOCUMENT
from workflows import dispatches
from workflows.store import TASK

COLUMNS = 50
KINDS = ("甲", "乙", "丙")


def code(columns: int) -> str:
    """The code of the report with so many columns."""
    return f"bench.wide{columns}"


def form(columns: int = COLUMNS) -> dict[str, Json]:
    """Name, kind, day, then numbers in groups of five; the last column is the sum of the first group."""
    cells: dict[str, Any] = {
        "name": {"type": "string", "title": "名称", "maxLength": 40, "header": ["基本情况", "名称"]},
        "kind": {
            "title": "类别",
            "oneOf": [{"const": one, "title": f"{one}类"} for one in KINDS],
            "header": ["基本情况", "类别"],
        },
        "day": {"type": "string", "format": "date", "title": "日期", "header": ["基本情况", "日期"]},
    }  # fmt: skip
    for number in range(columns - 4):
        cells[f"n{number}"] = {
            "type": "number",
            "minimum": 0,
            "maximum": 1_000_000,
            "multipleOf": 0.01,
            "title": f"第{number + 1}项",
            "unit": "元",
            "header": [f"第{number // 5 + 1}组", f"第{number + 1}项"],
        }
    cells["total"] = {
        "type": "number",
        "title": "第一组合计",
        "compute": "SUM(n0, n1, n2, n3, n4)",
        "header": ["合计", "第一组合计"],
    }
    return {
        "$schema": "urn:yibiao:dialect:form:1",
        "$id": f"urn:yibiao:form:{code(columns)}",
        "title": "宽表",
        "type": "object",
        "form": {
            "code": code(columns),
            "kind": "report",
            "owner": "370602-mzj",
            "subject": "org",
            "period": "month",
            "flow": "fill_verify_approve",
            "checks": [
                {"code": "c1", "formula": "n0 <= n1", "over": "lines:rows", "text": "第1项不应大于第2项"},
                {"code": "c2", "formula": "total <= 400", "over": "lines:rows", "severity": "explain"},
                {"code": "c3", "formula": "SUM(lines.total) = whole", "severity": "gated"},
            ],
        },
        "properties": {
            "whole": {"type": "number", "title": "总计", "compute": "SUM(lines.total)"},
            "remark": {"type": "string", "title": "备注"},
            "lines": {
                "type": "array",
                "title": "明细",
                "table": {"kind": "floating"},
                "items": {"type": "object", "required": ["name"], "properties": cells},
            },
        },
    }  # fmt: skip


def lines(rows: int, columns: int = COLUMNS) -> list[dict[str, Json]]:
    """Rows in which every check holds."""
    found: list[dict[str, Json]] = []
    for row in range(rows):
        line: dict[str, Json] = {
            "_id": f"r{row:05d}",
            "name": f"第{row + 1}户",
            "kind": KINDS[row % 3],
            "day": f"2026-11-{row % 28 + 1:02d}",
        }
        line |= {f"n{number}": number + row % 10 for number in range(columns - 4)}
        found.append({**line, "total": 10 + 5 * (row % 10)})
    return found


def published(work: Work, columns: int = COLUMNS) -> None:
    """The report, ready to be sent."""
    store.insert_draft(work, form(columns))
    publish.publish(work, code(columns), note="bench")


def sent(work: Work, place: str, period: str, rows: int, columns: int = COLUMNS) -> str:
    """A task of the report in which so many rows stand already."""
    dispatch = dispatches.create(
        work, code(columns), [place], period, work.now + timedelta(days=30)
    )
    task = work.connection.execute(select(TASK).where(TASK.c.dispatch_id == dispatch.id)).one()
    filled = lines(rows, columns)
    work.connection.execute(
        update(DOCUMENT)
        .where(DOCUMENT.c.id == task.document_id)
        .values(
            contents={"whole": sum(line["total"] for line in filled), "lines": filled},
            cells={},
            revision=1,
            opened_at=work.at,
        )
    )
    return str(task.id)
