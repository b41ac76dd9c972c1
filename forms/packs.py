"""The form section of a pack: forms with their workbooks, published as the next version if changed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import json_text
from engine.work import Work
from forms import publish, store

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def load_form(work: Work, document: Mapping[str, Any], folder: Path) -> bool:
    """Publish a form of a pack; False if exactly this is the version in force already."""
    code = document["form"]["code"]
    known = store.versions(work.connection, code)
    if known and known[0].status == "published":
        stands = store.document_of(work.connection, code, known[0].version)
        if json_text.canonical(stands) == json_text.canonical(document):
            return False
    template = document["form"].get("template", {}).get("file")
    blob = None
    if template:
        path = folder / template
        blob = store.add_blob(work, path.read_bytes(), path.name, XLSX)
    store.insert_draft(work, dict(document), template_id=blob)
    publish.publish(work, code, note="随数据包装载")
    return True
