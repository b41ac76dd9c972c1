"""A draft with real data as any role: filled, masked, on the trail, and kept nowhere."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.audit.trail import AUDIT
from engine.dictionary.store import dictionary
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms.documents import DOCUMENT
from tests import installed
from tests.admin.conftest import Caller

LogIn = Callable[[str], Caller]
FORM = "civil.elderly_allowance_roster"
HUIAN, PHONE = "370602011001", "13805350001"


@pytest.fixture
def draft(system: System, log_in: LogIn) -> Caller:
    """The designer, with the next version of a roster of people in draft; one person is known."""
    person = {
        "name": "王秀英", "id_number": "370602194001011228", "phone": PHONE, "birth_date": "1940-01-01",
        "residence": HUIAN, "elderly_allowance": 200, "bank_card": "6222021234567890123",
    }  # fmt: skip

    def command(work: Work) -> None:
        origin = registers.add_origin(work, Origin(source="steward", title="基础库", at=work.at))
        changes = [Change(f"person.{name}", "e1", value) for name, value in person.items()]
        registers.set_values(work, dictionary(work.connection), changes, origin)

    system.write(installed.person(system, "huian"), command)
    caller = log_in("designer")
    assert caller.press(f"/forms/{FORM}/design").status_code == 303
    return caller


def seen(caller: Caller, role: str, place: str = HUIAN, period: str = "2026-11") -> Any:
    """The draft with real data as a role would see it."""
    return caller.get(
        f"/designs/{FORM}/preview/real",
        params={"organisation": place, "period": period, "role": role},
    )


@pytest.mark.parametrize("role", ["staff", "verifier", "leader", "department"])
def test_known_values_are_there_and_classed_ones_are_stars(
    system: System, draft: Caller, role: str
) -> None:
    """Each value with its source; nothing classed leaves the server, wherever on the page; the look is noted."""
    page = seen(draft, role)
    assert page.status_code == 200, page.text
    assert "王秀英" in page.text
    assert "基础库" in page.text
    assert "＊＊＊" in page.text
    for secret in (PHONE, "370602194001011228", "6222021234567890123"):
        assert secret not in page.text
    told = re.search(r'class="num">(\d+)</strong> / <span class="num">(\d+)', page.text)
    assert told is not None
    filled, cells = told.groups()
    assert 0 < int(filled) <= int(cells)
    with system.read(installed.person(system, "shenji")) as work:
        query = select(AUDIT.c.detail).where(AUDIT.c.action == "form.previewed")
        noted = list(work.connection.execute(query).scalars())
        kept = work.connection.execute(select(func.count()).select_from(DOCUMENT)).scalar()
    assert [(one["role"], one["organisation"], one["whole"]) for one in noted] == [(role, HUIAN, 0)]
    assert noted[0]["masked"] >= 3
    assert kept == 0


def test_a_formula_of_the_draft_gives_nothing_away(draft: Caller) -> None:
    """What is computed from a classed value is classed, through as many formulas as it goes."""
    path = f"/api/designs/{FORM}"
    now = draft.get(path).json()
    for label, formula in (("甲", 'phone & ""'), ("乙", 'j & "x"')):
        now = draft.get(path).json()
        told = draft.patch(
            path,
            {
                "revision": now["revision"],
                "added": [{"kind": "text", "label": label, "into": "/roster/*"}],
            },
        )
        assert told.status_code == 200, told.text
        made = told.json()
        name = next(one["path"] for one in made["items"] if one["label"] == label)
        told = draft.patch(
            path, {"revision": made["revision"], "items": {name: {"compute": formula}}}
        )
        assert told.status_code == 200, told.text
    page = seen(draft, "staff").text
    assert "王秀英" in page
    assert PHONE not in page


def test_only_within_the_designers_own_area(draft: Caller) -> None:
    """Another district is not there; nor is a period that the form is not asked for."""
    assert seen(draft, "staff", place="370676003001").status_code == 404
    assert seen(draft, "staff", place="nowhere").status_code == 404
    assert seen(draft, "staff", period="2026").status_code == 422
    assert seen(draft, "auditor").status_code == 422
    found = draft.get(f"/api/designs/{FORM}/preview", params={"q": "hasq"}).json()["organisations"]
    assert HUIAN in [one["code"] for one in found]
    found = draft.get(f"/api/designs/{FORM}/preview", params={"q": "大季家"}).json()[
        "organisations"
    ]
    assert found == []
