"""Loading a pack: a folder of declarations, in the order in which they need each other.

What loads the sections is imported when something is loaded: at most starts nothing is, and that is
told from the folder's digest alone.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from engine import json_text
from engine.errors import Problem
from engine.identity.actor import system_actor
from engine.storage.tables import PackRow
from engine.work import System, Work

LOADER = system_actor("pack")
PACK = PackRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes


class PackInvalid(Problem):
    """The folder is no pack, or one of its files is wrong; `where` names the file."""

    code, status = "pack.invalid", 422
    where: str
    reason: str = ""


@dataclass
class Loaded:
    """What loading a pack did, by section, and the passwords of accounts that are new."""

    counts: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)


def load(system: System, folder: Path, *, say: Callable[[str], None] = lambda _: None) -> Loaded:
    """Load or renew everything a pack declares, each section in its own transaction.

    Loading the same pack again changes nothing. Raises PackInvalid and the sections' problems.
    """
    from engine.dictionary import pack as dictionary_pack
    from engine.holidays import store as holidays
    from engine.identity import pack as identity_pack
    from workflows import packs as flow_pack

    read_before = digest(folder)
    pack = read_pack(folder)
    contents = pack["contents"]
    done = Loaded()

    def section(name: str, command: Callable[[Any], int]) -> None:
        try:
            done.counts[name] = system.write(LOADER, command)
        except (AttributeError, KeyError, TypeError) as error:
            raise PackInvalid(where=name, reason="shape") from error
        say(f"{name}: {done.counts[name]}")

    if "divisions" in contents:
        section(
            "divisions",
            lambda w: identity_pack.load_divisions(w, inside(folder, contents["divisions"])),
        )
    if "organisations" in contents:
        organisations = read(inside(folder, contents["organisations"]))
        section(
            "organisations",
            lambda w: identity_pack.load_organisations(w, organisations, folder),
        )
    section(
        "codelists",
        lambda w: dictionary_pack.load_codelists(w, documents(folder, contents, "codelists")),
    )
    section(
        "fields", lambda w: dictionary_pack.load_fields(w, documents(folder, contents, "fields"))
    )
    section(
        "holidays",
        lambda w: sum(holidays.load_plan(w, d) for d in documents(folder, contents, "holidays")),
    )
    section(
        "flows",
        lambda w: sum(flow_pack.load_flow(w, d) for d in documents(folder, contents, "flows")),
    )
    for name in ("forms", "ledgers"):
        found = partial(_load_forms, folder=folder, given=list(_forms(folder, contents, name)))
        section(name, found)
    if "accounts" in contents:
        accounts = read(inside(folder, contents["accounts"]))["accounts"]
        done.passwords = system.write(LOADER, lambda w: identity_pack.load_accounts(w, accounts))
        done.counts["accounts"] = len(done.passwords)
    system.write(LOADER, lambda work: mark_loaded(work, pack["code"], read_before))
    return done


def digest(folder: Path) -> str:
    """What stands in a pack's folder, names and contents, as one digest."""
    state = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        state.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()


def loaded(work: Work) -> dict[str, str]:
    """The packs that were loaded: digest by code."""
    rows = work.connection.execute(select(PACK.c.code, PACK.c.digest))
    return {row.code: row.digest for row in rows}


def mark_loaded(work: Work, code: str, found: str) -> None:
    """Remember that a pack was loaded as it stood."""
    values = {"digest": found, "loaded_at": work.at}
    changed = work.connection.execute(update(PACK).where(PACK.c.code == code).values(**values))
    if not changed.rowcount:
        work.connection.execute(insert(PACK), {"code": code, **values})


def read_pack(folder: Path) -> dict[str, Any]:
    """The `pack.json` of a folder. Raises PackInvalid."""
    found = read(folder / "pack.json")
    if not isinstance(found, dict) or not isinstance(found.get("contents"), dict):
        raise PackInvalid(where="pack.json", reason="contents")
    if not isinstance(found.get("code"), str):
        raise PackInvalid(where="pack.json", reason="code")
    return found


def _load_forms(work: Work, *, folder: Path, given: list[Any]) -> int:
    from forms import packs as form_pack

    return sum(form_pack.load_form(work, document, folder) for document in given)


def _forms(folder: Path, contents: Mapping[str, str], section: str) -> Iterator[Any]:
    """The forms, each with a template that is there and inside the folder."""
    for document in documents(folder, contents, section):
        template = document["form"].get("template", {}).get("file")
        if template and not inside(folder, template).is_file():
            raise PackInvalid(where=template, reason="missing")
        yield document


def inside(folder: Path, name: str) -> Path:
    """A file of a pack. Raises PackInvalid for a name that leads out of its folder."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise PackInvalid(where=name, reason="outside")
    return path


def documents(folder: Path, contents: Mapping[str, str], section: str) -> Iterator[Any]:
    """The documents of a section, by the names of their files. Raises PackInvalid."""
    pattern = contents.get(section)
    if pattern is None:
        return
    inside(folder, pattern)
    for path in sorted(folder.glob(pattern)):
        yield read(inside(folder, str(path.relative_to(folder))))


def read(path: Path) -> Any:
    """One JSON file of a pack. Raises PackInvalid."""
    try:
        return json_text.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise PackInvalid(where=path.name, reason="missing") from error
    except json_text.JsonInvalid as error:
        raise PackInvalid(where=path.name, reason=str(error)) from error
