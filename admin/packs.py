"""Loading a pack: a folder of declarations, in the order in which they need each other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import json_text
from engine.dictionary import pack as dictionary_pack
from engine.errors import Problem
from engine.identity import pack as identity_pack
from engine.identity.actor import system_actor
from engine.work import System
from forms import packs as form_pack
from workflows import packs as flow_pack

LOADER = system_actor("pack")


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
    pack = _read(folder / "pack.json")
    contents = pack["contents"]
    done = Loaded()

    def section(name: str, command: Callable[[Any], int]) -> None:
        done.counts[name] = system.write(LOADER, command)
        say(f"{name}: {done.counts[name]}")

    section("divisions", lambda w: identity_pack.load_divisions(w, folder / contents["divisions"]))
    organisations = _read(folder / contents["organisations"])
    section(
        "organisations",
        lambda w: identity_pack.load_organisations(w, organisations, folder),
    )
    section(
        "codelists",
        lambda w: dictionary_pack.load_codelists(w, _all(folder, contents, "codelists")),
    )
    section("fields", lambda w: dictionary_pack.load_fields(w, _all(folder, contents, "fields")))
    section(
        "flows", lambda w: sum(flow_pack.load_flow(w, d) for d in _all(folder, contents, "flows"))
    )
    section(
        "forms",
        lambda w: sum(form_pack.load_form(w, d, folder) for d in _all(folder, contents, "forms")),
    )
    if "accounts" in contents:
        accounts = _read(folder / contents["accounts"])["accounts"]
        done.passwords = system.write(LOADER, lambda w: identity_pack.load_accounts(w, accounts))
        done.counts["accounts"] = len(done.passwords)
    return done


def _all(folder: Path, contents: dict[str, str], section: str) -> Iterator[Any]:
    for path in sorted(folder.glob(contents.get(section, "-"))):
        yield _read(path)


def _read(path: Path) -> Any:
    try:
        return json_text.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise PackInvalid(where=path.name, reason="missing") from error
    except json_text.JsonInvalid as error:
        raise PackInvalid(where=path.name, reason=str(error)) from error
