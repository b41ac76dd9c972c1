"""What commands know without being told: the dictionary, and forms by their code.

The installation's own where there is one; else those of the Yantai pack, read from its files, so
that a sheet can be looked at on a machine without any database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine import json_text
from engine.dictionary.store import Dictionary
from engine.errors import Problem
from engine.json_text import Json
from engine.settings import ROOT, Settings, load

PACK = ROOT / "packs" / "yantai"


class FormNotFound(Problem):
    """Neither a file nor the code of a form."""

    code, status = "cli.form-not-found", 404
    form: str


class NotAnObject(Problem):
    """The file is JSON but not one object."""

    code, status = "cli.not-an-object", 422
    file: str


@dataclass(frozen=True, slots=True)
class GivenForm:
    """A form document, and the workbook it came with if it has one."""

    document: Mapping[str, Any]
    template: bytes | None


def dictionary() -> Dictionary:
    """The dictionary in force."""
    found = _of_installation(load())
    return found if found is not None and found.fields else _of_pack()


def read_object(path: Path) -> dict[str, Json]:
    """A JSON file that holds one object. Raises JsonInvalid, NotAnObject."""
    found = json_text.loads(path.read_bytes())
    if not isinstance(found, dict):
        raise NotAnObject(file=path.name)
    return found


def form(name: str) -> GivenForm:
    """A form by its file or its code. Raises FormNotFound, JsonInvalid."""
    path = Path(name)
    if path.is_file():
        document = read_object(path)
        return GivenForm(document, _template(document, path.parent))
    found = _published(load(), name)
    if found is not None:
        return found
    path = PACK / "forms" / f"{name}.json"
    if "/" in name or not path.is_file():
        raise FormNotFound(form=name)
    document = read_object(path)
    return GivenForm(document, _template(document, PACK))


def flow(name: str) -> Mapping[str, Any]:
    """A flow document by its file or its code. Raises FlowUnknown, JsonInvalid."""
    from workflows.store import FlowUnknown

    path = Path(name)
    if path.is_file():
        return read_object(path)
    found = _kept_flow(load(), name)
    if found is not None:
        return found
    path = PACK / "flows" / f"{name}.json"
    if "/" in name or not path.is_file():
        raise FlowUnknown(flow=name)
    return read_object(path)


def _template(document: Mapping[str, Any], folder: Path) -> bytes | None:
    """The workbook a form names: beside it, or in the pack whose folder `forms` it stands in."""
    head = document.get("form")
    told = head.get("template") if isinstance(head, Mapping) else None
    name = told.get("file") if isinstance(told, Mapping) else None
    if not isinstance(name, str):
        return None
    for base in (folder, folder.parent):
        path = (base / name).resolve()
        if path.is_relative_to(base.resolve()) and path.is_file():
            return path.read_bytes()
    return None


def _is_there(settings: Settings) -> bool:
    return bool(settings.database_url) or (settings.data_path / "yibiao.db").is_file()


def _of_installation(settings: Settings) -> Dictionary | None:
    if not _is_there(settings):
        return None
    from admin import migrate
    from engine.dictionary import store
    from engine.storage.database import Database

    database = Database(settings.url)
    try:
        with database.read() as connection:
            return store.dictionary(connection) if migrate.is_current(connection) else None
    finally:
        database.close()


def _published(settings: Settings, code: str) -> GivenForm | None:
    if not _is_there(settings):
        return None
    from admin import migrate
    from engine.work import System
    from forms import store

    system = System(settings, pool_size=1)  # with its keys: the sheets of forms are sealed
    try:
        with system.database.read() as connection:
            known = store.versions(connection, code) if migrate.is_current(connection) else []
            for one in known:
                if one.status == "published":
                    document = store.document_of(connection, code, one.version)
                    blob = store.template_of(connection, code, one.version)
                    return GivenForm(document, blob.content if blob else None)
    finally:
        system.close()
    return None


def _kept_flow(settings: Settings, code: str) -> Mapping[str, Any] | None:
    if not _is_there(settings):
        return None
    from admin import migrate
    from engine.storage.database import Database
    from workflows import flow, store

    database = Database(settings.url)
    try:
        with database.read() as connection:
            if migrate.is_current(connection):
                return flow.dump(store.flow(connection, code))
    except store.FlowUnknown:
        return None
    finally:
        database.close()
    return None


def _of_pack() -> Dictionary:
    from engine.dictionary import field

    fields: dict[str, field.Field] = {}
    subjects: dict[str, field.SubjectKind] = {}
    for path in sorted((PACK / "fields").glob("*.json")):
        document = json_text.loads(path.read_bytes())
        subject = field.read_subject(document["subject"])
        subjects[subject.code] = subject
        for declared in document["fields"]:
            one = field.read_field(declared, subject.code)
            fields[one.code] = one
    lists = [
        field.read_codelist(json_text.loads(path.read_bytes()))
        for path in sorted((PACK / "codelists").glob("*.json"))
    ]
    return Dictionary(
        field.ByAnyCode(fields.values()),
        MappingProxyType(subjects),
        MappingProxyType({one.code: one for one in lists}),
        "pack",
    )
