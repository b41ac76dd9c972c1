"""Values of the field dictionary (ISO/IEC 11179, GB/T 18391): fields, kinds of subject, code lists.

Pure values and their reading from a pack's JSON. Storing them is `store.py`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.absence import KINDS
from engine.errors import Problem
from engine.json_text import Json

NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
CODE = re.compile(rf"{NAME.pattern}\.{NAME.pattern}")
LEVELS = ("L1", "L2", "L3", "L4")
CHOICES = {
    "sensitivity": LEVELS,
    "temporal": ("state", "period"),
    "status": ("draft", "standard", "retired"),
}


RATES = ("%", "％", "‰", "/", "／")
NO_AMOUNTS = frozenset(("岁", "周岁", "年", "℃"))


def unit_adds_up(unit: str | None) -> bool:
    """Whether numbers of several organisations in a unit may be added: no ages, years or rates."""
    told = unit or ""
    return told not in NO_AMOUNTS and not any(sign in told for sign in RATES)


class FieldInvalid(Problem):
    """A field, subject or code list is declared wrongly; `where` names it and `reason` says why."""

    code, status = "dictionary.invalid", 422
    where: str
    reason: str


class FieldUnknown(Problem):
    """No such field in the dictionary."""

    code, status = "dictionary.unknown-field", 422
    field: str


class FieldRetired(Problem):
    """The field was retired; nothing new may ask for it."""

    code, status = "dictionary.retired-field", 422
    field: str


@dataclass(frozen=True, slots=True)
class Field:
    """One fact about one kind of subject: what it is called, what values it takes, who may set it."""

    code: str
    labels: Mapping[str, str]
    schema: Mapping[str, Json]
    definition: str = ""
    synonyms: tuple[str, ...] = ()
    unit: str | None = None
    codelist: str | None = None
    sensitivity: str = "L1"
    steward: str = ""
    sources: tuple[str, ...] = ("steward", "verified", "entered")
    freshness_days: int | None = None
    temporal: str = "state"
    compute: str | None = None
    standard: str = ""
    status: str = "standard"
    version: int = 1
    absences: tuple[str, ...] = ()
    """Answers that may stand in place of a value: unknown, inapplicable, refused."""
    renamed: tuple[str, ...] = ()
    """The codes it was given since, the newest last. What is kept goes on under `code`; every one of
    these leads to it.
    """

    @property
    def called(self) -> str:
        """Its code in force: what new forms and formulas call it."""
        return self.renamed[-1] if self.renamed else self.code

    @property
    def names(self) -> tuple[str, ...]:
        """Every name within its subject that leads to it, that of its code in force first."""
        codes = dict.fromkeys((self.called, self.code, *self.renamed))
        return tuple(code.partition(".")[2] for code in codes)

    @property
    def subject(self) -> str:
        """The kind of subject it is about: `person` of `person.id_number`."""
        return self.code.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name within the subject: `id_number` of `person.id_number`."""
        return self.code.partition(".")[2]

    @property
    def secret(self) -> bool:
        """Whether its values are encrypted at rest: L4 always, L3 where the value is free text.

        A coded or numeric L3 fact (kind of disability, amount of aid) is what reports count and
        add up in SQL; it stays readable to the database and is guarded by access and masking.
        """
        if self.sensitivity == "L4":
            return True
        return (
            self.sensitivity == "L3"
            and self.schema.get("type") == "string"
            and self.codelist is None
        )

    @property
    def adds_up(self) -> bool:
        """Whether the values of several subjects may be added up."""
        numeric = self.schema.get("type") in ("integer", "number")
        return numeric and self.codelist is None and unit_adds_up(self.unit)

    @property
    def periodic(self) -> bool:
        """Whether a value holds for one period only."""
        return self.temporal == "period"

    def label(self, language: str = "zh") -> str:
        """What people call it."""
        return self.labels.get(language) or self.labels.get("zh") or self.code

    def retired(self) -> "Field":
        """The same field, closed for new forms."""
        return replace(self, status="retired", version=self.version + 1)

    def to_json(self) -> dict[str, Json]:
        """The pack's form of the field, with its whole code."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name in self.__slots__
            if (value := getattr(self, name)) not in (None, "", ()) or name == "sources"
        }


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """A kind of thing fields are about: its natural keys, and the field that places it on the map."""

    code: str
    labels: Mapping[str, str]
    keys: tuple[str, ...] = ()
    home: str | None = None
    asks: bool = False
    """Whether the steward of the first key wants to be asked before two are made one."""


@dataclass(frozen=True, slots=True)
class CodeValue:
    """One entry of a code list."""

    code: str
    labels: Mapping[str, str]
    parent: str | None = None


class Codes(tuple[str, ...]):
    """The codes of a list in order; `leaves` are those with none below them."""

    leaves: tuple[str, ...]

    @classmethod
    def of(cls, codelist: "CodeList") -> "Codes":
        """The codes of a list."""
        made = cls(value.code for value in codelist.values)
        above = {value.parent for value in codelist.values}
        made.leaves = tuple(code for code in made if code not in above)
        return made


@dataclass(frozen=True, slots=True)
class CodeList:
    """A national or local list of codes, in one version."""

    code: str
    labels: Mapping[str, str]
    version: str = ""
    values: tuple[CodeValue, ...] = field(default=())

    @property
    def is_tree(self) -> bool:
        """Whether some of its codes stand below others."""
        return any(value.parent for value in self.values)

    def label(self, code: str, language: str = "zh") -> str:
        """What a code means; an unknown code shows itself."""
        for value in self.values:
            if value.code == code:
                return value.labels.get(language) or value.labels.get("zh") or code
        return code


def read_field(document: Mapping[str, Any], subject: str | None = None) -> Field:
    """A field from its JSON; `subject` prefixes a code that is given without one."""
    code = document.get("code", "")
    if subject and isinstance(code, str) and "." not in code:
        code = f"{subject}.{code}"
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise FieldInvalid(where=str(code), reason="code")
    unknown = set(document) - set(Field.__slots__) - {"check"}
    if unknown:
        raise FieldInvalid(where=code, reason=f"unknown: {', '.join(sorted(unknown))}")
    labels = document.get("labels")
    if not isinstance(labels, Mapping) or not labels.get("zh"):
        raise FieldInvalid(where=code, reason="labels")
    for name, allowed in CHOICES.items():
        if name in document and document[name] not in allowed:
            raise FieldInvalid(where=code, reason=name)
    if not isinstance(document.get("schema"), Mapping):
        raise FieldInvalid(where=code, reason="schema")
    values = {name: document[name] for name in Field.__slots__ if name in document}
    for name in ("synonyms", "sources", "absences", "renamed"):
        if name in values:
            values[name] = _texts(code, values[name])
    if not set(values.get("absences", ())) <= set(KINDS):
        raise FieldInvalid(where=code, reason="absences")
    about = code.partition(".")[0]
    for one in values.get("renamed", ()):
        if not CODE.fullmatch(one) or one.partition(".")[0] != about:
            raise FieldInvalid(where=code, reason="code")
    return Field(**{**values, "code": code})


def _texts(code: str, given: Any) -> tuple[str, ...]:
    """A list of texts; one text alone would be taken for its characters."""
    if not isinstance(given, list | tuple) or not all(isinstance(text, str) for text in given):
        raise FieldInvalid(where=code, reason="list")
    return tuple(given)


def read_subject(document: Mapping[str, Any]) -> SubjectKind:
    """A kind of subject from its JSON."""
    code = document.get("code", "")
    if not isinstance(code, str) or not NAME.fullmatch(code):
        raise FieldInvalid(where=str(code), reason="code")
    return SubjectKind(
        code=code,
        labels=document.get("labels", {}),
        keys=tuple(document.get("keys", ())),
        home=document.get("home"),
        asks=document.get("asks") is True,
    )


def read_codelist(document: Mapping[str, Any]) -> CodeList:
    """A code list from its JSON; a code that stands twice is an error."""
    values = tuple(
        CodeValue(code=value["code"], labels=value["labels"], parent=value.get("parent"))
        for value in document.get("values", ())
    )
    codes = [value.code for value in values]
    if len(set(codes)) != len(codes):
        raise FieldInvalid(where=document.get("code", ""), reason="duplicate")
    return CodeList(
        code=document["code"],
        labels=document.get("labels", {}),
        version=str(document.get("version", "")),
        values=values,
    )


class ByAnyCode(dict[str, Field]):
    """Fields by the code they are kept under; whoever asks by another code of one finds it, too."""

    def __init__(self, fields: Iterable[Field]) -> None:
        super().__init__((one.code, one) for one in fields)
        self._others = {other: one.code for one in self.values() for other in one.renamed}

    def __missing__(self, code: str) -> Field:
        return dict.__getitem__(self, self._others[code])

    def __contains__(self, code: object) -> bool:
        return super().__contains__(code) or code in self._others

    def get(self, code: str, default: Any = None) -> Any:
        """The field of a code, or something else if it is none."""
        found = super().get(code)
        return super().get(self._others.get(code, ""), default) if found is None else found


def by_code(fields: Sequence[Field]) -> dict[str, Field]:
    """Fields by code; a code that stands twice is an error."""
    found: dict[str, Field] = {}
    for one in fields:
        if one.code in found:
            raise FieldInvalid(where=one.code, reason="duplicate")
        found[one.code] = one
    return found
