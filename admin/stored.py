"""Proofs about what the database and its files hold: guards that refuse, values that are sealed, backups that
come back. Each is looked at where it lies; that a guard or a column has the right name proves nothing.
"""

import re
import stat
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from admin.proofs import Proof, ago, met
from engine import rotation
from engine.audit.trail import AUDIT
from engine.crypto import keys
from engine.dictionary.store import dictionary
from engine.storage.addresses import url_of
from engine.work import Work

BACKUP_DAYS, RESTORED_DAYS = 7, 92
NEWEST = 2_000
"""So many values of each sealed column are looked at."""
_SQLITE = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
_POSTGRES = (
    "SELECT pg_get_triggerdef(pg_trigger.oid) || ' AS ' || prosrc FROM pg_trigger"
    " JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid"
    " WHERE NOT tgisinternal AND tgenabled <> 'D' AND relname = :table"
)
_EVENTS = r"(?:INSERT|UPDATE|DELETE|TRUNCATE)(?: OF [\w, ]+)?(?: OR (?:INSERT|UPDATE|DELETE))*"
_REFUSE_SQLITE = rf"CREATE TRIGGER \w+ BEFORE {_EVENTS} ON \w+ BEGIN SELECT RAISE\(ABORT, 'append-only: \w+'\); END"
_REFUSE_POSTGRES = (
    rf"CREATE TRIGGER \w+ BEFORE {_EVENTS} ON \S+ FOR EACH (?:ROW|STATEMENT) EXECUTE FUNCTION \S+\(\)"
    r" AS BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = '42501'; END"
)
_ROLES = r"\('system', 'security', 'auditor'\)"
_APART_SQLITE = (
    rf"CREATE TRIGGER \w+ BEFORE {_EVENTS} ON position WHEN NEW\.role IN {_ROLES} AND EXISTS \(.*\)"
    r" BEGIN SELECT RAISE\(ABORT, 'administrators apart'\); END"
)
_APART_POSTGRES = (
    rf"CREATE TRIGGER \w+ BEFORE {_EVENTS} ON \S+ FOR EACH ROW EXECUTE FUNCTION \S+\(\) AS BEGIN"
    rf" IF NEW\.role IN {_ROLES} THEN .*RAISE EXCEPTION 'administrators apart'.*RETURN NEW; END"
)


def guards(work: Work, table: str) -> int:
    """How many triggers stand on a table that refuse whatever comes, by what they do."""
    return _alike(work, table, (_REFUSE_SQLITE, _REFUSE_POSTGRES))


def apart(work: Work) -> int:
    """How many triggers keep the three administrators apart."""
    return _alike(work, "position", (_APART_SQLITE, _APART_POSTGRES))


def _alike(work: Work, table: str, kinds: tuple[str, ...]) -> int:
    asked = _SQLITE if work.connection.dialect.name == "sqlite" else _POSTGRES
    found = work.connection.execute(text(asked), {"table": table}).scalars()
    told = [re.sub(r"\s+", " ", str(one)).strip() for one in found]
    return sum(any(re.fullmatch(kind, one) for kind in kinds) for one in told)


def at_rest(work: Work) -> Proof:
    """Keys apart, files private, and what should be sealed is sealed."""
    own, other = keys.key_file(work.settings), keys.kek_file(work.settings)
    outside = bool(work.settings.kek or work.settings.kek_command)
    apart_ = outside or own.parent.resolve() != other.parent.resolve()
    kept = url_of(work.settings.url)
    sqlite = kept.get_backend_name() == "sqlite"
    files = [own, other, *([Path(str(kept.database))] if sqlite else [])]
    private = all(_private(path) for path in files if path.exists())
    known = dictionary(work.connection).fields.values()
    looked, clear = rotation.unsealed(work.connection, work.vault, newest=NEWEST)
    return met(
        apart_ and private and not clear,
        suite="SM4-GCM/SM3" if work.settings.cryptography == "sm" else "AES-256-GCM/SHA-256",
        fields=len([one for one in known if one.secret]),
        readable=len([one for one in known if one.sensitivity == "L3" and not one.secret]),
        looked=looked,
        clear=clear,
        apart="yes" if apart_ else "no",
        private="yes" if private else "no",
    )


def backed_up(work: Work) -> Proof:
    """A backup of this week, and one of this quarter that was restored and found whole."""
    made, restored = _last(work, "backup.made"), _last(work, "backup.verified")
    fresh = made is not None and made >= ago(work, days=BACKUP_DAYS)
    tried = restored is not None and restored >= ago(work, days=RESTORED_DAYS)
    return met(
        fresh and tried,
        made=made or "",
        days=BACKUP_DAYS,
        restored=restored or "",
        within=RESTORED_DAYS,
    )


def _last(work: Work, action: str) -> Any:
    return work.connection.execute(
        select(func.max(AUDIT.c.at)).where(AUDIT.c.action == action)
    ).scalar()


def _private(path: Path) -> bool:
    return not stat.S_IMODE(path.stat().st_mode) & 0o077
