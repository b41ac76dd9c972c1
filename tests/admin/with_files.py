"""A report with photos, a file and a signature, published and sent, for tests of pages and browsers."""

from datetime import timedelta
from typing import Any

from engine.work import System
from forms import publish, store
from tests import installed
from workflows import dispatches
from workflows import store as tasks

CODE = "test.files"
HUIAN = installed.COMMUNITIES[0]
FORM: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": f"urn:yibiao:form:{CODE}",
    "title": "安全检查记录",
    "titles": {"en": "Safety inspection"},
    "type": "object",
    "form": {
        "code": CODE, "kind": "report", "period": "once", "owner": "370602-mzj",
        "flow": "fill_verify_approve",
    },
    "properties": {
        "place": {"type": "string", "title": "检查地点", "titles": {"en": "Place"}, "maxLength": 60},
        "scene": {
            "type": "array", "title": "现场照片", "titles": {"en": "Photos of the scene"},
            "attachment": {"kind": "photo"}, "maxItems": 2,
        },
        "proof": {
            "type": "array", "title": "佐证材料", "titles": {"en": "Documents"},
            "attachment": {"kind": "file", "accept": ["pdf", "docx"], "max_mb": 1}, "maxItems": 2,
        },
        "sign": {
            "type": "array", "title": "检查人签名", "titles": {"en": "Inspector's signature"},
            "attachment": {"kind": "signature"},
        },
        "spots": {
            "type": "array", "title": "隐患", "titles": {"en": "Dangers"}, "table": {"kind": "floating"},
            "items": {"type": "object", "properties": {
                "what": {"type": "string", "title": "情况", "titles": {"en": "What"}, "maxLength": 60},
                "shot": {
                    "type": "array", "title": "照片", "titles": {"en": "Photo"},
                    "attachment": {"kind": "photo"}, "maxItems": 1,
                },
            }},
        },
    },
    "required": ["place", "scene", "sign"],
}  # fmt: skip


def sent(system: System, form: dict[str, Any] = FORM) -> str:
    """The form published by a designer and sent to one community; its fill task."""
    system.write(installed.person(system, "designer"), lambda work: store.insert_draft(work, form))
    system.write(
        installed.person(system, "designer"),
        lambda work: publish.publish(work, CODE, note="测试用表"),
    )
    dispatch = system.write(
        installed.person(system, "minzheng"),
        lambda work: dispatches.create(
            work, CODE, [HUIAN], "2026-11", work.now + timedelta(days=5)
        ),
    )
    with system.read(installed.person(system, "huian")) as work:
        (found,) = tasks.tasks_of(work, tasks.TASK.c.dispatch_id == dispatch.id)
    return found.id


def waiting(system: System, login: str) -> str:
    """Somebody's open task about it."""
    with system.read(installed.person(system, login)) as work:
        found = tasks.tasks_of(work, tasks.TASK.c.status == "open")
    return found[-1].id
