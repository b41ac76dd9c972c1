"""What a question depends on: its choices, when it is shown and required, how it computes, what it must be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.json_text import Json
from forms import coherence
from forms.importers.xlsform.draft import Draft, Holder
from forms.importers.xlsform.items import Choosing, Question
from forms.importers.xlsform.read import Line
from forms.importers.xlsform.xpath import NotCarried, condition, conjuncts, translate

TRUE = ("yes", "true", "true()", "1", "yes()", "required")
FALSE = ("", "no", "false", "false()", "0")


@dataclass
class Logic:
    """Resolves what rows say of each other, once every name is known."""

    draft: Draft

    def condition(
        self,
        line: Line,
        schema: dict[str, Any],
        keyword: str,
        told: tuple[str, ...],
        *,
        at: tuple[Holder, str],
    ) -> bool:
        """Put a condition on a schema, seen from a question of a holder; whether there is one now."""
        try:
            parts = [condition(one, self.draft.resolver(*at)) for one in told if one]
        except NotCarried as stopped:
            self.draft.tell(
                line, keyword.replace("_", "-"), f"{' and '.join(told)} ({stopped.what})"
            )
            return False
        if parts:
            schema[keyword] = parts[0] if len(parts) == 1 else " and ".join(parts)
        return bool(parts)

    def settle(
        self, line: Line, at: tuple[Holder, str], relevant: tuple[str, ...], asked: Question
    ) -> None:
        """Everything that a row says beyond what it asks for."""
        holder, name = at
        schema = holder.properties[name]
        if asked.choices:
            self._choices(line, schema, at, asked)
        if line.get("type").lower() in ("calculate", "calculation") or line.get("calculation"):
            self._compute(line, schema, holder, name)
        own = (line.get("relevant"),) if line.get("relevant") else ()
        shown = self.condition(line, schema, "show_when", relevant + own, at=at)
        needed = line.get("required")
        if needed.lower() in TRUE and not schema.get("compute") and schema.get("widget") != "note":
            if shown or "show_when" in schema:
                schema["required_when"] = "true"
            else:
                holder.required.append(name)
        elif needed and needed.lower() not in ("no", "false", "false()", "0"):
            self.condition(line, schema, "required_when", (needed,), at=at)
        locked = line.get("readonly")
        if locked.lower() in TRUE:
            schema["readonly"] = True
        elif locked and locked.lower() not in ("no", "false", "false()", "0"):
            self.condition(line, schema, "readonly_when", (locked,), at=at)
        if line.get("constraint"):
            self._constraint(line, schema, at, asked)
        if line.get("default"):
            self._proposal(line, schema)

    def _proposal(self, line: Line, schema: dict[str, Any]) -> None:
        """A fixed default comes along; one that the telephone would work out does not."""
        told = line.get("default").strip()
        value = proposed(told, schema)
        if value is None or "compute" in schema or schema.get("widget") == "note":
            self.draft.tell(line, "default", told)
        else:
            schema["default"] = value

    def _choices(
        self, line: Line, schema: dict[str, Any], at: tuple[Holder, str], asked: Question
    ) -> None:
        holder, name = at
        rows = self.draft.survey.choices.get(asked.choices, ())
        if not rows:
            self.draft.tell(line, "list-missing", asked.choices)
            schema |= {"type": "string", "maxLength": 255}
            holder.known[line.get("name")] = (name, "text")
            return
        choosing = Choosing(
            rows,
            self.draft.words,
            lambda code, what: self.draft.tell(line, code, f"{asked.choices} {what}".strip()),
        )
        options = choosing.options(line.get("choice_filter"), self.draft.resolver(holder, name))
        if asked.other:
            options.append({"const": "other", "title": "其他", "titles": {"en": "Other"}})
            self._other(line, schema, at, asked.kind)
        chosen = {"type": "string", "oneOf": options}
        schema |= (
            {"type": "array", "uniqueItems": True, "items": chosen}
            if asked.kind == "many"
            else chosen
        )

    def _other(
        self, line: Line, schema: Mapping[str, Any], at: tuple[Holder, str], kind: str
    ) -> None:
        holder, name = at
        more = self.draft.named(f"{name}_other", holder)
        test = f'CONTAINS(" " & {name} & " ", " other ")' if kind == "many" else f'{name} = "other"'
        holder.properties[more] = {
            "type": "string",
            "maxLength": 255,
            "title": f"{schema['title']}（其他）",
            "show_when": test,
        }
        holder.known[f"{line.get('name')}_other"] = (more, "text")
        if holder is self.draft.root:
            for section in self.draft.sections:
                if name in section["items"]:
                    section["items"].insert(section["items"].index(name) + 1, more)

    def _compute(self, line: Line, schema: dict[str, Any], holder: Holder, name: str) -> None:
        kinds = {
            "number": {"type": "number"},
            "boolean": {"type": "boolean"},
            "date": {"type": "string", "format": "date"},
        }
        try:
            said = translate(line.get("calculation"), self.draft.resolver(holder, name))
        except NotCarried as stopped:
            self.draft.tell(
                line, "calculation", f"{line.get('calculation') or '—'} ({stopped.what})"
            )
            schema.setdefault("type", "string")
            return
        schema |= {"compute": said.text}
        if "type" not in schema:
            schema |= kinds.get(said.kind, {"type": "string"})
            kind = said.kind if said.kind in kinds else "text"
            holder.known[line.get("name")] = (name, kind)

    def _constraint(
        self, line: Line, schema: dict[str, Any], at: tuple[Holder, str], asked: Question
    ) -> None:
        holder, name = at
        rest = []
        for part in conjuncts(line.get("constraint")):
            pattern = re.fullmatch(r"regex\(\s*\.\s*,\s*(['\"])(.*)\1\s*\)", part)
            counted = re.fullmatch(r"count-selected\(\s*\.\s*\)\s*(<=|<|>=|>|=)\s*(\d+)", part)
            if pattern and asked.kind == "text" and coherence.linear(f"^(?:{pattern[2]})$"):
                schema["pattern"] = f"^(?:{pattern[2].removeprefix('^').removesuffix('$')})$"
            elif counted and asked.kind == "many":
                schema |= _bounds(counted[1], int(counted[2]))
            else:
                rest.append(part)
        if not rest:
            return
        try:
            formula = condition(" and ".join(rest), self.draft.resolver(holder, name))
        except NotCarried as stopped:
            self.draft.tell(line, "constraint", f"{line.get('constraint')} ({stopped.what})")
            return
        words = self.draft.words(line, "constraint_message") or (
            {"zh": line.get("constraint_message")} if line.get("constraint_message") else {}
        )
        text = words.pop("zh", "") or f"「{schema['title']}」不符合要求"
        over = {"over": f"{holder.name}:rows"} if holder is not self.draft.root else {}
        check = {
            "code": f"k{len(self.draft.checks) + 1}",
            "formula": formula,
            "severity": "error",
            "text": text[:1000],
            **over,
        }
        self.draft.checks.append(
            {
                **check,
                **({"texts": words} if words else {}),
                "source": line.get("constraint")[:2000],
            }
        )


def proposed(told: str, schema: Mapping[str, Any]) -> Json:
    """The value of a default as it is written in a sheet; None where it is none that an item could hold."""
    if re.search(r"\$\{|\w\s*\(", told):
        return None
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "yes": True, "ok": True, "false": False, "no": False}.get(
            told.lower()
        )
    if kind in ("integer", "number"):
        number = re.fullmatch(r"[+-]?\d{1,15}(?:\.(\d{1,15}))?", told)
        if number is None:
            return None
        exact = Decimal(told)
        return int(exact) if exact == exact.to_integral_value() else exact
    if kind == "array":
        codes = {one["const"] for one in schema.get("items", {}).get("oneOf", ())}
        return told.split() if codes and set(told.split()) <= codes else None
    return told


def _bounds(operator: str, number: int) -> dict[str, int]:
    """How many choices may be taken."""
    return {
        "<=": {"maxItems": number},
        "<": {"maxItems": number - 1},
        ">=": {"minItems": number},
        ">": {"minItems": number + 1},
        "=": {"minItems": number, "maxItems": number},
    }[operator]
