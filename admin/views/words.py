"""Values, times and sources in the words people read."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from admin.web.html import text
from engine import absence, clock
from engine.dictionary import units
from engine.dictionary.store import Dictionary
from engine.formats import registry
from engine.json_text import Json
from engine.periods import Period, PeriodInvalid
from forms import attached, picking
from forms.compiled import CompiledForm, Item, in_language

NAME = re.compile(r"[^\W\d][\w.]*(?!\()\b")


def moment(at: str | None) -> str | None:
    """A kept moment (ISO text in UTC) as ISO text in the office's time, to the minute."""
    if not at:
        return None
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return at
    if found.tzinfo is None:
        return found.isoformat(timespec="minutes")
    return clock.local(found).replace(tzinfo=None).isoformat(timespec="minutes")


def clock_time(at: datetime) -> str:
    """When something is allowed again, by the office's clock, not a minute too early: `10:21`."""
    return f"{clock.local(at + timedelta(seconds=59)):%H:%M}"


def due(due_at: str | None, now: datetime) -> dict[str, Any] | None:
    """A due date and the calendar days that are left; negative when it is late."""
    if not due_at:
        return None
    last = clock.day(datetime.fromisoformat(due_at))
    return {"date": last.isoformat(), "days": (last - clock.day(now)).days}


def age(at: str | None, now: datetime | None, language: str) -> str | None:
    """How long ago, in whole days or months; nothing for today."""
    if not at or now is None:
        return None
    try:
        then = datetime.fromisoformat(at)
    except ValueError:
        return None
    days = (now - then).days if then.tzinfo else (now.replace(tzinfo=None) - then).days
    if days < 1:
        return None
    if days < 62:
        return text(language, "source.days", n=days)
    return text(language, "source.months", n=days // 30)


def period(key: str | None, language: str) -> str:
    """A period as people write it; a form without periods has none."""
    return Period.parse(key).label(language) if key else text(language, "period.none")


def typed(value: Json) -> str | list[str]:
    """A value as it stands in its input; `choices` are a list."""
    if isinstance(value, list):
        return [str(one) for one in value]
    if value is None or absence.kind_of(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def shown(
    item: Item,
    value: Json,
    dictionary: Dictionary | None,
    language: str,
    labels: Mapping[str, str] | None = None,
) -> str:
    """A value as it is read: labels of codes, thousands apart, yes or no; `labels` name what was picked."""
    if value is None or value == "":
        return ""
    if (gone := absence.shown(value, language)) is not None:
        return gone
    if item.attachment and isinstance(value, list):
        return "、".join(attached.names(value))
    if isinstance(value, list):
        return "、".join(shown(item, one, dictionary, language) for one in value)
    if isinstance(value, bool):
        return text(language, "cell.yes" if value else "cell.no")
    if isinstance(value, int | Decimal):
        return number(value)
    if labels and item.widget in picking.WIDGETS:
        return labels.get(str(value), str(value))
    if item.codelist:
        return code_label(item.codelist, str(value), dictionary, language)
    for option in item.options:
        if option.value == value:
            return option.label(language)
    if item.format == "period":
        return _period_text(str(value), language)
    if item.format == "date-time":
        return registry.FORMATS["date-time"].spaced(str(value))
    return str(value)


def number(value: int | Decimal) -> str:
    """A number with its thousands apart, all digits kept."""
    return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,d}"


def groups(item: Item, section: str, language: str) -> tuple[str, ...]:
    """The groups of an item as they are told in a section: one that the section is named after is not told again."""
    told = tuple(in_language(one, language) for one in item.groups)
    return told[1:] if told[:1] == (section,) else told


def in_groups(item: Item, section: str, language: str) -> str:
    """What an item is called where no heading says in which group it stands."""
    return " · ".join((*groups(item, section, language), item.label(language)))


def with_unit(label: str, unit: str | None, language: str) -> str:
    """A heading with its unit in brackets, unless it stands there already."""
    if not unit or f"（{unit}）" in label or f"({unit})" in label:
        return label
    if language == "zh":
        return f"{label}（{unit}）"
    told = units.in_language(unit, language)
    said = re.search(rf"\b{re.escape(told)}\b", label, re.IGNORECASE)  # Households (households)
    return label if said else f"{label} ({told})"


def legal(form: CompiledForm, language: str) -> str | None:
    """Number, issuer, approval and term of a form, in words; nothing for a form without them."""
    roles = {"number": "number", "issuer": "issuer", "approval": "approval", "valid_until": "valid"}
    colon = "：" if language == "zh" else ": "
    told = [
        f"{text(language, f'designer.block.legal_{role}')}{colon}{form.legal[key]}"
        for key, role in roles.items()
        if form.legal.get(key)
    ]
    return "　".join(told) or None


def code_label(codelist: str, code: str, dictionary: Dictionary | None, language: str) -> str:
    """What a code means; an unknown code shows itself."""
    known = dictionary.codelists.get(codelist) if dictionary else None
    return known.label(code, language) if known else code


def options(item: Item, dictionary: Dictionary | None, language: str) -> list[dict[str, str]]:
    """What may be chosen, in the order of the code list or the form."""
    found = []
    for option in item.options:
        label = (
            code_label(item.codelist, str(option.value), dictionary, language)
            if item.codelist
            else option.label(language)
        )
        found.append({"value": str(option.value), "label": label})
    return found


def absences(item: Item, language: str) -> list[dict[str, str]]:
    """What may be answered in place of a value, in words."""
    return [{"value": one, "label": absence.word(one, language)} for one in item.absences]


def source_text(source: Mapping[str, Any], language: str) -> str:
    """Where a value came from, in one phrase."""
    kind = str(source.get("source", ""))
    title = _called(source, language)
    known = kind.partition(":")[0]
    key = f"source.words.{known}"
    told = text(language, key, title=title, period=_period_of(source, language) or title)
    return title or kind if told == key else told


def _called(source: Mapping[str, Any], language: str) -> str:
    """The name of a source: a form's title in the language of the reader where it has one."""
    return str((source.get("titles") or {}).get(language) or source.get("title", ""))


def day(found: Mapping[str, Any], language: str) -> str:
    """Of which day a value is, in a report whose period was over when it was filled in advance."""
    if found.get("on"):
        return text(language, "source.on", day=found["on"])
    if found.get("since"):
        key = "source.counted" if found.get("source") == "computed" else "source.since"
        return text(language, key, day=found["since"])
    return ""


def choice(chosen: Mapping[str, Any] | None, language: str) -> str:
    """Who chose among sources that differ, which and when; nothing if nobody did."""
    if not chosen:
        return ""
    key = "cell.chosen_typed" if chosen.get("source") == "typed" else "cell.chosen"
    return text(
        language, key, by=chosen.get("by", ""), title=source_text(chosen, language),
        at=(moment(str(chosen.get("at", ""))) or "").replace("T", " "),
    )  # fmt: skip


def source(
    found: Mapping[str, Any] | None,
    language: str,
    *,
    now: datetime | None = None,
    formula: str = "",
) -> dict[str, Any] | None:
    """The facts of a source for `source_facts` of components/cells.html."""
    if not found:
        return None
    title, task = _called(found, language), ""
    by = str(found.get("actor_name", ""))
    carried = found.get("source") == "carried" and found.get("note")
    form = title if found.get("form_code") or carried else ""
    if form and found.get("form_code"):
        about = _period_of(found, language)
        whole = title if found.get("document_id") else ""  # a ledger asks for no task
        task = f"{title}（{about}）" if about else whole
    told = source_text(found, language)
    if formula and found.get("source") in ("formula", "computed"):
        told = f"{told}：{formula}" if language == "zh" else f"{told}: {formula}"
    document = found.get("document_id")
    return {
        "text": told,
        "form": form,
        "task": task,
        "organisation": found.get("organisation", ""),
        "by": "" if by == found.get("title") else by,
        "at": moment(str(found.get("at", ""))),
        "day": day(found, language),
        "verified_by": found.get("verified_by", ""),
        "age": age(str(found.get("at", "")), now, language),
        "href": f"/records/{document}" if document else None,
    }


def spoken(form: CompiledForm, item: Item, language: str) -> str:
    """How a computed cell comes about: its formula with labels for names, or its field's definition."""
    if not item.compute:
        field = form.fields.get(item.field) if item.field else None
        return field.definition if field and language == "zh" else ""
    place = item.path.rpartition("/")[0]

    def called(match: re.Match[str]) -> str:
        name = match.group().replace(".", "/")
        found = form.by_path.get(f"{place}/{name}") or form.by_path.get(f"/{name}")
        return found.full_label(language) if found else match.group()

    return NAME.sub(called, item.compute)


def _period_text(value: str, language: str) -> str:
    """A period in words; what somebody typed and is none, as it was typed."""
    try:
        return period(value, language)
    except PeriodInvalid:
        return value


def _period_of(source: Mapping[str, Any], language: str) -> str:
    key = source.get("period") or (source.get("note") if source.get("source") == "carried" else "")
    try:
        return Period.parse(str(key)).label(language) if key else ""
    except PeriodInvalid:
        return ""
