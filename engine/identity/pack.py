"""The identity section of a pack: divisions, the organisations made from them, offices, accounts."""

import csv
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import update

from engine.identity import store
from engine.identity.actor import ROLES
from engine.work import Work


def load_divisions(work: Work, path: Path) -> int:
    """Load a CSV of divisions (code, name, level, parent_code, valid_from, valid_to)."""
    return store.add_divisions(
        work.connection,
        (
            {
                "code": row["code"],
                "name": row["name"],
                "level": row["level"],
                "parent_code": row["parent_code"] or None,
                "valid_from": row.get("valid_from") or "",
                "valid_to": row.get("valid_to") or None,
            }
            for row in rows(path)
        ),
    )


def load_organisations(work: Work, document: Mapping[str, Any], folder: Path) -> int:
    """Add the organisations that a document declares; gives how many were new."""
    found = organisations(document, folder)
    for row in found:
        row["valid_from"] = work.at[:10]
    return store.add_organisations(work.connection, found)


def organisations(document: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    """One organisation for each division in force, by the document's rule, and the offices in them;
    or those it lists one by one, each after the one it belongs to.
    """
    paths: dict[str, str] = {}
    found = []
    if rule := document.get("from_divisions"):
        for row in rows(_inside(folder, rule["file"])):
            if row.get("valid_to"):
                continue
            code, parent = row["code"], row["parent_code"]
            paths[code] = f"{paths[parent]}{code}/" if parent else f"/{code}/"
            name = _named(row, rule["names"])
            found.append(_organisation(code, name, row["level"], parent, paths))
    offices = ({**office, "kind": "office"} for office in document.get("offices", ()))
    for one in (*document.get("listed", ()), *offices):
        code, parent = one["code"], one["parent"]
        paths[code] = f"{paths[parent]}{code}/" if parent else f"/{code}/"
        found.append(_organisation(code, one["names"]["zh"], one["kind"], parent, paths))
    return found


def _inside(folder: Path, name: str) -> Path:
    """A file of the pack. KeyError for a name that leads out of its folder: there is none so."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise KeyError(name)
    return path


def load_accounts(work: Work, accounts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Add accounts with a fresh password each; gives the passwords of those that are new."""
    made: dict[str, str] = {}
    today = work.today.isoformat()
    passwords = [_password() for _ in accounts]
    hashes = store.hash_passwords(passwords)
    for account, password, hashed in zip(accounts, passwords, hashes, strict=True):
        account_id = work.new_id()
        held = store.add_account(
            work.connection,
            {
                "id": account_id,
                "login": account["login"],
                "name": account["name"],
                "password_hash": hashed,
                "created_at": work.at,
            },
        )
        if held == account_id:
            made[account["login"]] = password
        for position in account["positions"]:
            if position["role"] not in ROLES:
                raise ValueError(position["role"])
            store.add_position(
                work.connection,
                {
                    "id": work.new_id(),
                    "account_id": held,
                    "role": position["role"],
                    "organisation_code": position["organisation"],
                    "valid_from": today,
                },
            )
    return made


def _password() -> str:
    return "-".join(secrets.choice(_WORDS) for _ in range(3)) + str(secrets.randbelow(90) + 10)


def ask_for_new(work: Work, logins: Iterable[str]) -> None:
    """Who was given a password by somebody else chooses another at the first log-in."""
    for login in logins:
        changed = update(store.ACCOUNT).where(store.ACCOUNT.c.login == login)
        work.connection.execute(changed.values(password_change=True))


def _organisation(
    code: str, name: str, kind: str, parent: str, paths: Mapping[str, str]
) -> dict[str, Any]:
    division = code if kind != "office" else parent
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "division_code": division,
        "parent_code": parent or None,
        "path": paths[code],
        "valid_to": None,
    }


def _named(row: Mapping[str, str], rules: Sequence[Mapping[str, str]]) -> str:
    for rule in rules:
        if rule["level"] == row["level"] and row["name"].endswith(rule.get("ends", "")):
            return row["name"] + rule["add"]
    return row["name"]


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a CSV file by its head."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


_WORDS = [
    "shan",
    "hai",
    "jiang",
    "he",
    "hu",
    "yun",
    "feng",
    "yu",
    "song",
    "zhu",
    "mei",
    "lan",
    "ju",
    "qin",
    "shu",
    "hua",
    "chun",
    "xia",
    "qiu",
    "dong",
    "bei",
    "nan",
    "xi",
    "ma",
    "yang",
    "niu",
    "yu",
    "que",
    "yan",
    "ge",
    "xing",
    "yue",
    "ri",
    "guang",
    "ming",
    "qing",
    "an",
    "he",
    "ping",
]
