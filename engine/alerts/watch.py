"""Looking through what came onto the trail since the last time, every five minutes, by a durable job."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.alerts import rule as rules
from engine.alerts import store
from engine.alerts.rule import AtWork, Rule, RuleInvalid
from engine.audit import reading
from engine.audit.reading import Written
from engine.holidays.store import calendar
from engine.identity import store as identity
from engine.jobs.registry import JOBS
from engine.jobs.schedule import every
from engine.notices import store as notices
from engine.notices.store import Notice
from engine.settings import ROOT, Settings
from engine.work import Work

OWN = Path(__file__).with_name("rules.json")
ABOUT = "audit.notice.alert"
MARGIN = timedelta(hours=1)
AT_ONCE = 20_000
"""So many entries are looked at by one job; the next takes what follows."""


def declared(settings: Settings) -> tuple[Rule, ...]:
    """The rules in force: of the file in the settings, else ours. Raises RuleInvalid."""
    path = ROOT / settings.alert_rules if settings.alert_rules else OWN
    try:
        return rules.read(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise RuleInvalid(rule=path.name, at="file") from error


def at_work(work: Work) -> AtWork:
    """Whether the office works at a moment: a working day, from an hour before it opens to an hour after it closes."""
    days = calendar(work)
    opens, closes = days.hours[0][0], days.hours[-1][1]

    def inside(moment: datetime) -> bool:
        local = moment.astimezone(days.zone)
        begin, end = (datetime.combine(local.date(), one, days.zone) for one in (opens, closes))
        return days.is_working(local.date()) and begin - MARGIN <= local <= end + MARGIN

    return inside


def look(work: Work) -> list[str]:
    """Hold the rules against the new entries and as much before them as they reach back; new alerts' ids."""
    since = store.mark(work)
    last = min(reading.last(work.connection), since + AT_ONCE)
    fresh = reading.earliest_after(work.connection, since)
    if fresh is None:
        return []
    raised = []
    office = at_work(work)
    for rule in declared(work.settings):
        if not reading.any_between(work.connection, since, last, rule.acts):
            continue
        begin = datetime.fromisoformat(fresh) - rule.window
        found = reading.since(
            work.connection, begin.isoformat(timespec="microseconds"), last, rule.acts
        )
        answered = store.ended(work, rule.code)
        open_ = [one for one in found if one.seq > answered.get(rules.group(rule, one) or "", 0)]
        hits = [one for one in rules.find(rule, open_, office) if one.entries[-1].seq > since]
        raised += [made for one in hits if (made := store.keep(work, one))]
    store.set_mark(work, last)
    _tell(work, raised)
    return raised


def entries(work: Work, alert: store.Alert) -> list[Written]:
    """The entries that an alert is about, oldest first."""
    by_code = {one.code: one for one in declared(work.settings)}
    rule = by_code.get(alert.rule)
    found = reading.between(
        work.connection, alert.first_seq, alert.last_seq, rule.acts if rule else ()
    )
    if rule is None:
        return found
    office = at_work(work)
    return [
        one
        for one in found
        if (rules.group(rule, one) or "") == alert.about and rules.fits(rule, one, office)
    ]


def _tell(work: Work, raised: list[str]) -> None:
    places = [one.code for one in identity.holding(work.connection, "auditor", now=work.now)]
    notices.tell(
        work,
        [
            Notice(
                ABOUT,
                organisation_code=place,
                role="auditor",
                detail={"alert": made},
                key=f"alert {made} {place}",
            )
            for made in raised
            for place in places
        ],
    )


@JOBS.job("audit.watch", slots=every(5))
def watch(work: Work, _payload: Mapping[str, Any]) -> int:
    """Every five minutes; gives how many alerts are new."""
    return len(look(work))
