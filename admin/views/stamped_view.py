"""The scans of a record's stamped page as pages show them."""

from collections.abc import Sequence
from typing import Any

from admin.views import words
from engine.attachments.store import mark_of
from engine.identity import store as identity
from engine.work import Work
from forms.documents import DocumentRecord
from forms.masking import Veil
from workflows import stamping
from workflows.stamping import Scan


def panel(work: Work, record: DocumentRecord, veil: Veil, *, now: bool) -> dict[str, Any]:
    """What components/stamped.html needs; `now` where the record is shown as it is now.

    A scan shows every value: it opens only where all are seen.
    """
    found = stamping.of_record(work, record)
    names = identity.account_names(work.connection, {one.by for one in found})
    return {
        "mark": mark(found),
        "final": record.status == "final",
        "may": now and stamping.may(work, record),
        "opens": sees_all(record, veil),
        "lifts": opens_for_a_purpose(veil) and veil.may_lift(work, record.organisation_path),
        "most": stamping.MOST,
        "max_mb": stamping.RULE.max_mb,
        "scans": [
            {
                "name": one.file.name,
                "mark": mark_of(one.file.ref),
                "picture": one.file.picture,
                "at": words.moment(one.at),
                "by": names.get(one.by, ""),
                "sha256": one.sha256,
                "current": one.current,
                "whole": one.whole,
            }
            for one in found
        ],
    }


def mark(scans: Sequence[Scan]) -> str:
    """stamped; stale where every scan is of earlier values; empty without any."""
    if not scans:
        return ""
    return "stamped" if any(one.current for one in scans) else "stale"


def sees_all(record: DocumentRecord, veil: Veil) -> bool:
    """Whether nothing that stands in the record is masked or withheld."""
    return bool(veil.empty or veil.record(record).contents == record.contents)


def opens_for_a_purpose(veil: Veil) -> bool:
    """Masks can be lifted; what a rule withholds cannot."""
    return bool(veil.masked) and not veil.withheld and veil.closed is None
