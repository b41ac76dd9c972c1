"""What was typed on a task's page, saved by the cell."""

from collections.abc import Iterable, Iterator

from admin.views import posted
from admin.web.visit import Form, Visit
from engine.work import Work, new_id
from forms import document, filing, versions
from forms.filing import Edit
from workflows import commands, filling_in


def save(work: Work, visit: Visit, form: Form, task_id: str) -> None:
    """Save what a page posted: only cells that differ from what stands, and that are open here."""
    held = commands.hold(work, task_id, *filling_in.WRITERS)
    only = filling_in.opened_to(work, held.task)
    opened = filing.opened(work, held.record)
    version = version_of(form)
    shown, lies = opened.form, None  # the form that the page shows, which may be an older version
    if versions.is_older(held.record, version):
        lies = versions.lies(work, held.record, version)
        shown = lies.old
    action = form.get("action")
    added: dict[str, list[str]] = {}
    removed: dict[str, list[str]] = {}
    if action.startswith("add:"):
        added[action.removeprefix("add:")] = [new_id()]
    elif action.startswith("remove:"):
        table, _, row = action.removeprefix("remove:").rpartition("/")
        removed[table] = [row]
    changes = {}
    for path in dict.fromkeys(_cells_of(form.names())):
        name = f"v:{path}"
        item, there = shown.item(path), lies.target(path) if lies else path
        if item is None or item.readonly:
            continue
        if only is not None and there is not None and there not in only:
            continue
        given = form.all(name) if item.type == "array" else form.get(name)
        new = posted.answer(shown, path, given, form.all(f"absent:{path}"))
        if there is None or not document.same(new, document.get(opened.contents, there)):
            changes[path] = new
    explanations = posted.reasons(form, "explain:")
    if not (changes or added or removed or form.all("confirm") or explanations):
        return
    edit = Edit(
        revision=int(form.get("revision", "0") or 0),
        changes=changes,
        confirm=form.all("confirm"),
        added=added,
        removed=removed,
        explanations=explanations,
        version=version,
    )
    commands.save_cells(work, held.record.id, edit, language=visit.language)


def version_of(form: Form) -> int:
    """Which version of the form the page shows; 0 where it does not say."""
    given = form.get("version", "0")
    return int(given) if given.isdecimal() and len(given) < 10 else 0


def is_stale(work: Work, form: Form, task_id: str) -> bool:
    """Whether the form changed while the page was open: what it asks now was not seen yet."""
    record = commands.hold(work, task_id).record
    return versions.is_older(record, version_of(form))


def _cells_of(names: Iterable[str]) -> Iterator[str]:
    """The cells that something was typed or pressed for."""
    for name in names:
        kind, _, path = name.partition(":")
        if kind in ("v", "absent") and path:
            yield path
