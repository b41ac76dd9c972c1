"""The default of an item as a designer types it: one text for every kind of value."""

from admin.views import posted
from engine.json_text import Json
from engine.work import Work
from forms import publish
from forms.compiled import CompiledForm, Item

_COMMAS = str.maketrans("，、；;", ",,,,")


def typed(work: Work, document: Json, path: str, text: str) -> Json:
    """The value that a text stands for, read as the cell itself would read it; None takes it away."""
    form = publish.compiled_now(work.connection, document)
    item = _item(form, path)
    if item is None or item.type != "array":
        return posted.value(form, item.path if item is not None else path, text)
    by_word = {word: one.value for one in item.options for word in (one.label(), str(one.value))}
    parts = [one.strip() for one in text.translate(_COMMAS).split(",")]
    return [by_word.get(one, one) for one in parts if one] or None


def _item(form: CompiledForm, path: str) -> Item | None:
    """The item at a path; of a whole column of a fixed table any of its cells."""
    found = form.by_path.get(path)
    if found is not None or "/*/" not in path:
        return found
    table, _, column = path.partition("/*/")
    return next((i for i in form.items if (i.table, i.column) == (table, column)), None)
