"""What is masked is not read by asking about it: neither compared, nor put in order, nor chosen among."""

from typing import Any

import pytest
from sqlalchemy import insert

from engine.access.rules import RULE
from engine.work import System
from tests import factories

LEDGER = "civil.assistance_ledger"


@pytest.fixture
def page(log_in: Any) -> Any:
    """The ledger of assistance, in which incomes are masked, as staff."""
    staff = log_in("huian")
    return lambda query: staff.get(f"/ledgers/{LEDGER}?{query}")


@pytest.mark.parametrize(
    "question",
    [
        "f=annual_income:ge:40000",
        "f=annual_income:between:40000|50000",
        "f=annual_income:eq:48000",
        "sort=annual_income",
        "sort=annual_income&desc=1",
    ],
)
def test_a_masked_number_is_no_oracle(page: Any, question: str) -> None:
    """Each answer would halve what it can be; only whether there is one may be asked."""
    told = page(question)
    assert told.status_code == 400 or "打了码" in told.text or "不能排序" in told.text, told.text
    assert page("f=annual_income:known").status_code == 200


@pytest.mark.parametrize(
    "question",
    ["f=health:eq:10", "f=health:any:10|20", "sort=health"],
)
def test_a_masked_code_is_no_oracle_either(page: Any, log_in: Any, question: str) -> None:
    """Among few codes one question would be enough: neither the list, nor its count, nor the API answers."""
    told = page(question)
    assert told.status_code == 400 or "打了码" in told.text or "不能排序" in told.text, told.text
    staff = log_in("huian")
    asked = question.replace("f=", "filter=", 1)
    assert staff.get(f"/api/ledgers/{LEDGER}/rows?{asked}").status_code == 422
    if not question.startswith("sort"):
        totals = staff.get(f"/ledgers/{LEDGER}/totals?{question}")
        assert totals.status_code == 400 or "打了码" in totals.text, totals.text
    assert page("f=health:known").status_code == 200


def test_whoever_is_shown_it_may_ask_about_it(system: System, page: Any) -> None:
    """A rule that clears the field for a post makes it a column like any other."""
    row = {
        "id": "clear", "effect": "clear-field", "role": "staff", "organisation": "", "scope": "",
        "field": "person.annual_income", "condition": "", "purpose": "", "since": "2026-01-01",
        "until": "2026-12-31", "reason": "x", "made_by": "x", "made_at": "x", "ended_by": "",
        "ended_at": None,
    }  # fmt: skip
    system.write(factories.TESTER, lambda work: work.connection.execute(insert(RULE), row))
    told = page("f=annual_income:ge:40000&sort=annual_income")
    assert (told.status_code, "打了码" in told.text, "不能排序" in told.text) == (200, False, False)
