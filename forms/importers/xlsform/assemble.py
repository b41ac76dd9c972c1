"""The parts of a form put together; what does not fit after all is taken out again, and told."""

from typing import Any

from engine.json_text import Json
from forms import compile as compiler
from forms import dialect
from forms.importers.left import Left
from forms.importers.xlsform import read
from forms.importers.xlsform.draft import Draft

KNOWN = {
    "type", "name", "relevant", "constraint", "calculation", "required", "readonly", "default", "appearance",
    "choice_filter", "repeat_count", "parameters", "disabled", "list_name", "notes", "",
}  # fmt: skip


def form(draft: Draft) -> dict[str, Any]:
    """The form, compiled once to see that it stands."""
    maker = _Maker(draft)
    maker.unused()
    return maker.without_faults(maker.form())


class _Maker:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def unused(self) -> None:
        """Columns of the survey and settings that mean nothing here; looks that a page of ours does not take."""
        known = {*KNOWN, *read.ALIASES.values(), *read.SPOKEN}
        for column in self.draft.survey.columns:
            plain = read.column(column)[0]
            if column and plain not in known:
                self.draft.left.append(Left(1, "column", "", column[:60]))
        looks = {
            word for line in self.draft.survey.lines for word in line.get("appearance").split()
        } - {"multiline"}
        if looks:
            self.draft.left.append(Left(1, "appearance", "", ", ".join(sorted(looks))[:200]))
        for name, value in self.draft.survey.settings.items():
            if name not in ("form_title", "form_id", "default_language", "version"):
                self.draft.left.append(Left(1, "setting", name[:60], value[:60]))

    def form(self) -> dict[str, Any]:
        for name, inner in self.draft.tables.items():
            rows: dict[str, Any] = {"type": "object", "properties": inner.properties}
            self.draft.root.properties[name]["items"] = rows | (
                {"required": inner.required} if inner.required else {}
            )
            if not inner.properties:
                self.draft.root.properties.pop(name)
        settings = self.draft.survey.settings
        title = settings.get("form_title") or settings.get("form_id") or self.draft.code
        head: dict[str, Any] = {
            "code": self.draft.code,
            "kind": "report",
            "owner": self.draft.owner,
            "period": "once",
        }
        head |= {
            "flow": "fill_verify_approve",
            "subject": "org",
            "x-source": {
                "format": "xlsform",
                "id": settings.get("form_id", ""),
                "version": settings.get("version", ""),
            },
        }
        head |= {"checks": self.draft.checks} if self.draft.checks else {}
        sections = [
            {
                **one,
                "title": one["title"] or title,
                "items": [n for n in one["items"] if n in self.draft.root.properties],
            }
            for one in self.draft.sections
        ]
        head["sections"] = [one for one in sections if one["items"]]
        form = {
            "$schema": dialect.DIALECT,
            "$id": f"{dialect.PREFIX}{self.draft.code}",
            "title": title[:200],
            "type": "object",
            "form": head,
        }
        form["properties"] = self.draft.root.properties
        return form | ({"required": self.draft.root.required} if self.draft.root.required else {})

    def without_faults(self, form: dict[str, Any]) -> dict[str, Any]:
        """A formula that reads well and still does not fit (kinds, circles) is left, and told."""
        for _ in range(8):
            faults = compiler.problems(form, {}, {})
            if not faults:
                return form
            backwards = sorted(faults, key=lambda one: _numbered(one.pointer), reverse=True)
            if not sum(self._drop(form, one.pointer, one.text("zh")) for one in backwards):
                break
        return form

    def _drop(self, form: dict[str, Any], pointer: str, why: str) -> bool:
        if pointer == "/properties":  # a circle: the conditions go, one by one
            found = [
                (n, k)
                for n, s in form["properties"].items()
                for k in ("show_when", "compute")
                if k in s
            ]
            for name, keyword in found[:1]:
                del form["properties"][name][keyword]
                self.draft.left.append(Left(0, "formula", name, why))
            return bool(found)
        steps = pointer.split("/")[1:]
        holder: Json = form
        for step in steps[:-1]:
            holder = holder[int(step)] if isinstance(holder, list) else holder.get(step, {})
        if steps[:2] == ["form", "checks"]:
            check = form["form"]["checks"].pop(int(steps[2]))
            self.draft.left.append(
                Left(0, "constraint", "", f"{check.get('source', '')} ({why})"[:200])
            )
            return True
        if steps[-1] == "default" and isinstance(holder, dict) and "default" in holder:
            name, told = "/".join(steps[1:-1]), str(holder.pop("default"))
            self.draft.left.append(Left(0, "schema-default", name, told[:200]))
            return True
        if isinstance(holder, dict) and steps[-1] in holder and steps[-1] != "properties":
            self.draft.left.append(
                Left(0, "formula", "/".join(steps[1:-1]), f"{holder.pop(steps[-1])} ({why})"[:200])
            )
            return True
        return False


def _numbered(pointer: str) -> list[str]:
    """A pointer that sorts by number where it has one, so that a list is shortened from its end."""
    return [step.zfill(6) if step.isdecimal() else step for step in pointer.split("/")]
