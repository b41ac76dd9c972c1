"""What a pack declares, as one value: read from a folder or from an installation, compared, written.

Accounts and registers are no part of it: people's data does not leave with a pack.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from admin import packs
from engine import json_text
from engine.dictionary.field import Field, read_field
from engine.dictionary.store import CODELIST, SUBJECT, dictionary
from engine.errors import Problem
from engine.holidays import store as holidays
from engine.identity import pack as identity_pack
from engine.identity.store import DIVISION, ORGANISATION
from engine.json_text import Json
from engine.work import Work
from forms import pointers
from forms import store as forms
from workflows.store import FLOW

SECTIONS = (
    "divisions",
    "organisations",
    "codelists",
    "subjects",
    "fields",
    "holidays",
    "flows",
    "forms",
    "ledgers",
)
DIVISION_COLUMNS = ("code", "name", "level", "parent_code", "valid_from", "valid_to")
SHOWN = 5
"""A difference names no more places of a document than this."""


class TargetNotEmpty(Problem):
    """A pack is written to a folder of its own, so that nothing is overwritten or mixed."""

    code, status = "pack.target-not-empty", 409
    folder: str


@dataclass
class Contents:
    """Documents by section and code, and the files that forms name."""

    documents: dict[str, dict[str, Json]] = field(
        default_factory=lambda: {section: {} for section in SECTIONS}
    )
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One declaration that is new (+), gone (-) or different (~), and where in it."""

    sign: str
    section: str
    code: str
    places: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {
            "sign": self.sign,
            "section": self.section,
            "code": self.code,
            "places": list(self.places),
        }


def of_folder(folder: Path) -> Contents:
    """What a folder declares. Raises PackInvalid."""
    contents = packs.read_pack(folder)["contents"]
    found = Contents()
    try:
        _read_organisations(found, folder, contents)
        for one in packs.documents(folder, contents, "codelists"):
            found.documents["codelists"][one["code"]] = one
        for one in packs.documents(folder, contents, "fields"):
            subject = one["subject"]
            found.documents["subjects"][subject["code"]] = subject
            for declared in one["fields"]:
                known = read_field(declared, subject["code"])
                found.documents["fields"][known.code] = _field(known)
        for one in packs.documents(folder, contents, "holidays"):
            found.documents["holidays"][str(one["year"])] = one
        for one in packs.documents(folder, contents, "flows"):
            found.documents["flows"][one["code"]] = one
        for one in packs.documents(folder, contents, "ledgers"):
            found.documents["ledgers"][one["form"]["code"]] = one
        for one in packs.documents(folder, contents, "forms"):
            found.documents["forms"][one["form"]["code"]] = one
            name = one["form"].get("template", {}).get("file")
            if name:
                found.files[name] = packs.inside(folder, name).read_bytes()
    except (AttributeError, KeyError, TypeError) as error:
        raise packs.PackInvalid(where=folder.name, reason="shape") from error
    return found


def of_installation(work: Work) -> Contents:
    """What an installation holds: everything in force, published forms in their newest version."""
    found = Contents()
    for row in work.connection.execute(select(DIVISION)).mappings():
        one = {name: row[name] or "" for name in DIVISION_COLUMNS}
        found.documents["divisions"][f"{row['code']}@{row['valid_from']}"] = one
    query = select(ORGANISATION).where(ORGANISATION.c.valid_to.is_(None))
    for place in work.connection.execute(query.order_by(ORGANISATION.c.path)).mappings():
        found.documents["organisations"][place["code"]] = _organisation(dict(place))
    known = dictionary(work.connection)
    for section, table in (("codelists", CODELIST), ("subjects", SUBJECT)):
        stored = work.connection.execute(select(table.c.code, table.c.document))
        found.documents[section] = {row.code: row.document for row in stored}
    found.documents["fields"] = {one.code: _field(one) for one in known.fields.values()}
    found.documents["holidays"] = {
        str(kept.plan.year): kept.plan.to_json() for kept in holidays.plans(work) if kept.own
    }
    for document in work.connection.execute(
        select(FLOW.c.document).order_by(FLOW.c.version)
    ).scalars():
        found.documents["flows"][document["code"]] = document
    for form in forms.published_forms(work.connection):
        document = forms.document_of(work.connection, form.code, form.version)
        section = "ledgers" if form.kind == "ledger" else "forms"
        found.documents[section][form.code] = document
        template = forms.template_of(work.connection, form.code, form.version)
        if template is not None and document["form"].get("template", {}).get("file"):
            found.files[document["form"]["template"]["file"]] = template.content
    return found


def differences(old: Contents, new: Contents) -> Iterator[Difference]:
    """What one declares and the other does not, or not so; by section and code."""
    for section in SECTIONS:
        was, now = old.documents[section], new.documents[section]
        for code in sorted({*was, *now}):
            if code not in was:
                yield Difference("+", section, code)
            elif code not in now:
                yield Difference("-", section, code)
            elif json_text.canonical(was[code]) != json_text.canonical(now[code]):
                places = tuple(_places(was[code], now[code], ""))
                yield Difference("~", section, code, places[:SHOWN])
    for name in sorted({*old.files, *new.files}):
        if old.files.get(name) != new.files.get(name):
            sign = "+" if name not in old.files else "-" if name not in new.files else "~"
            yield Difference(sign, "files", name)


def write(contents: Contents, folder: Path, code: str) -> int:
    """Write a pack that loads to the same; gives the number of files. Raises TargetNotEmpty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TargetNotEmpty(folder=str(folder))
    files = dict(_files(contents, code))
    for name, content in {**contents.files, **files}.items():
        path = packs.inside(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return len(files) + len(contents.files)


def _read_organisations(found: Contents, folder: Path, contents: Mapping[str, Any]) -> None:
    if "divisions" in contents:
        for row in identity_pack.rows(packs.inside(folder, contents["divisions"])):
            one = {name: row.get(name) or "" for name in DIVISION_COLUMNS}
            found.documents["divisions"][f"{one['code']}@{one['valid_from']}"] = one
    if "organisations" in contents:
        document = packs.read(packs.inside(folder, contents["organisations"]))
        for row in identity_pack.organisations(document, folder):
            found.documents["organisations"][row["code"]] = _organisation(row)


def _organisation(row: Mapping[str, Any]) -> dict[str, Json]:
    return {
        "code": row["code"],
        "names": {"zh": row["name"]},
        "kind": row["kind"],
        "parent": row["parent_code"] or "",
    }


def _field(one: Field) -> dict[str, Json]:
    """A field as a pack declares it: its version is counted by the installation."""
    return {name: value for name, value in one.to_json().items() if name != "version"}


def _files(contents: Contents, code: str) -> Iterator[tuple[str, bytes]]:
    found = contents.documents
    table = io.StringIO()
    writer = csv.DictWriter(table, DIVISION_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found["divisions"][key] for key in sorted(found["divisions"]))
    yield "divisions.csv", table.getvalue().encode()
    yield "organisations.json", _text({"listed": list(found["organisations"].values())})
    for subject, document in sorted(found["subjects"].items()):
        own = [one for one in found["fields"].values() if one["code"].startswith(f"{subject}.")]
        fields = [{**one, "code": one["code"].partition(".")[2]} for one in own]
        yield f"fields/{subject}.json", _text({"subject": document, "fields": fields})
    for section in ("codelists", "holidays", "flows", "forms", "ledgers"):
        for name, document in sorted(found[section].items()):
            yield f"{section}/{re.sub('[^A-Za-z0-9._-]+', '_', name)}.json", _text(document)
    pack = {
        "code": code,
        "contents": {
            "divisions": "divisions.csv",
            "organisations": "organisations.json",
            "codelists": "codelists/*.json",
            "fields": "fields/*.json",
            "holidays": "holidays/*.json",
            "flows": "flows/*.json",
            "forms": "forms/*.json",
            "ledgers": "ledgers/*.json",
        },
    }
    yield "pack.json", _text(pack)


def _text(document: Json) -> bytes:
    return (json_text.dumps(document, indent=1) + "\n").encode()


def _places(old: Json, new: Json, at: str) -> Iterator[str]:
    """Pointers to what is different, as deep as both sides have the same shape."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            below = f"{at}/{pointers.escape(key)}"
            if key not in old or key not in new:
                yield below
            else:
                yield from _places(old[key], new[key], below)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _places(one, other, f"{at}/{number}")
    elif json_text.canonical(old) != json_text.canonical(new):
        yield at or "/"
