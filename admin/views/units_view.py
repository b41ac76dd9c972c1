"""Units as they were when a report was made, and as they are today: names, places, and the switch."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from admin.web.html import text
from engine import clock
from engine.identity import lineage, store
from engine.identity.store import OrganisationValue
from engine.work import Work
from forms import rollup_today
from forms.documents import DocumentRecord
from forms.rollup import Line, Rollup

THEN, TODAY = "then", "today"
UNITS = (THEN, TODAY)


def then(work: Work, records: Sequence[DocumentRecord]) -> dict[str, OrganisationValue]:
    """The units of reports, called and placed as they were when each was made final, or as they are."""
    now = store.organisations(work.connection, [one.organisation_code for one in records])
    days = {
        one.organisation_code: clock.day(
            datetime.fromisoformat(one.final_at or work.at)
        ).isoformat()
        for one in records
    }
    names = lineage.names_on(work.connection, days)
    return {
        one.organisation_code: replace(
            now[one.organisation_code],
            name=names.get(one.organisation_code, now[one.organisation_code].name),
            path=one.organisation_path,
        )
        for one in records
    }


def name_then(work: Work, record: DocumentRecord) -> str:
    """What a report's unit was called when it was made."""
    return then(work, [record])[record.organisation_code].name


def by_today(work: Work, found: Rollup) -> Rollup | None:
    """The same roll-up by the units of today; None if they are those of then."""
    if not lineage.changed(work.connection):
        return None
    codes = [line.organisation.code for line in found.lines]
    today = lineage.today(work.connection, codes)
    after = sorted({*codes, *(one for now in today.values() for one in now)})
    now = store.organisations(work.connection, after)
    same = all(
        now[code] == line.organisation for code, line in zip(codes, found.lines, strict=True)
    )
    return None if same and not today else rollup_today.by_today(found, today, now)


def told(line: Line, language: str) -> str:
    """Of a line by the units of today: which units of then it stands for."""
    if not line.was:
        return ""
    names = ("、" if language == "zh" else ", ").join(one.organisation.name for one in line.was)
    return text(language, "units.was", names=names)


def switch(address: str, units: str, language: str, **question: str) -> list[dict[str, Any]]:
    """The switch between the two, keeping what else is asked."""
    return [
        {
            "text": text(language, f"units.{one}"),
            "href": f"{address}?{urlencode({k: v for k, v in {**question, 'units': one}.items() if v})}",
            "current": one == units,
        }
        for one in UNITS
    ]
