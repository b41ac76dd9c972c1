"""Printed rules as checks of a form: each keeps the words it came from."""

import re
from collections.abc import Mapping

from engine.json_text import Json
from forms.importers.excel.proposal import Proposal, SheetCheck

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def draft_checks(proposal: Proposal, tables: Mapping[int, str]) -> list[dict[str, Json]]:
    """Checks of a form document; one that is limited to some columns is written out for each."""
    found: list[dict[str, Json]] = []
    for check in proposal.checks:
        for formula, over in _written(proposal, check, tables):
            found.append(
                {
                    "code": f"c{len(found) + 1}",
                    "formula": formula,
                    "severity": check.severity,
                    "text": check.text[:1000],
                    "over": over,
                    **({"tolerance": check.tolerance} if check.tolerance else {}),
                    "source": check.text[:2000],
                }
            )
    return found[:1000]


def _written(
    proposal: Proposal, check: SheetCheck, tables: Mapping[int, str]
) -> list[tuple[str, str | None]]:
    table = tables.get(check.table)
    if table is None or not check.over:
        return [(check.formula, None)]
    columns = [i.name for i in proposal.columns(check.table) if i.role == "value"]
    rows = {
        item.name: f"{table}_change" if item.derived else table
        for item in proposal.rows(check.table)
    }
    apart = any(rows.get(name, table) != table for name in _NAME.findall(check.formula))
    limited = check.only and not set(check.only) >= set(columns)
    if check.over != "columns" or not (limited or apart):
        return [(check.formula, f"{table}:{check.over}")]
    chosen = check.only if limited else columns
    return [(_with_column(check.formula, rows, column), None) for column in chosen]


def _with_column(formula: str, rows: Mapping[str, str], column: str) -> str:
    """The formula for one column; rows that compare others stand in a table beside."""
    return _NAME.sub(
        lambda match: f"{rows[match[0]]}.{match[0]}.{column}" if match[0] in rows else match[0],
        formula,
    )
