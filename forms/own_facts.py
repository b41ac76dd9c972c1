"""What a resident says is wrong of their own: typed as people write it, decided by the field's steward.

A key is no fact that is corrected from outside: whose number it is decides who the person is.
"""

from engine.dictionary.field import Field
from engine.dictionary.store import Dictionary, dictionary
from engine.errors import NotFound
from engine.formats import numbers
from engine.formats import registry as formats
from engine.identity import store as identity
from engine.json_text import Json
from engine.registers import store as registers
from engine.residents import store as residents
from engine.residents.store import PERSON, Visit
from engine.work import Work
from forms import disputes
from forms.disputes import DISPUTE, Dispute, Fact

PLACE = "division-code"
SIMPLE = ("string", "integer", "number", "boolean")
MOST_TYPED = 200
LISTED = 50


def correctable(known: Dictionary, field: Field) -> bool:
    """Whether a resident can say by themselves what it should be; the rest is done at the counter."""
    kind = known.subjects[field.subject]
    typed = field.schema.get("type") in SIMPLE
    return bool(field.steward) and typed and not field.compute and field.name not in kind.keys


def ask(work: Work, visit: Visit, code: str, period: str, *, given: str, reason: str) -> str:
    """Ask the steward to correct a fact of one's own; gives the dispute's id.

    Raises NotFound for a fact that is not held of the resident, ReasonNeeded, ClaimWrong, AlreadyDisputed.
    """
    field, shown = fact(work, visit, code, period)
    claimed = typed(work, field, given)
    place = _home(work, field, visit.subject_id)
    about = Fact(field, visit.subject_id, period, place, shown)
    return disputes.raise_about(work, about, claimed, reason)


def fact(work: Work, visit: Visit, code: str, period: str) -> tuple[Field, Json]:
    """A field that the resident may say something about, and what is held. Raises NotFound."""
    known = dictionary(work.connection)
    field = known.fields.get(code)
    if field is None or field.subject != PERSON or not correctable(known, field):
        raise NotFound
    if bool(period) != field.periodic:
        raise NotFound
    own = visit.subject_id
    held = registers.fetch(work, known, PERSON, [own], [field], period=period or None)
    value = held.get(own, {}).get(code)
    if value is None:
        raise NotFound
    return field, value.value


def typed(work: Work, field: Field, given: str) -> Json:
    """What was typed as a value of the field; what cannot be read stays as it is, to be refused."""
    plain, kind = given.strip()[:MOST_TYPED], field.schema.get("type")
    if not plain:
        return None
    if kind == "boolean":
        return {"true": True, "false": False}.get(plain, plain)
    if kind in ("integer", "number") and not field.codelist:
        number = numbers.read(plain)
        return plain if number is None else number
    if field.schema.get("format") == PLACE:
        found = identity.search_organisations(work.connection, plain, limit=20)
        exact = [one for one in found if one.name == plain] or found
        return exact[0].code if len(exact) == 1 else plain
    return formats.normalised(field.schema.get("format"), plain)


def asked(work: Work, visit: Visit) -> list[Dispute]:
    """What the resident asked to be corrected, on this and on earlier visits, the newest first."""
    mine = (DISPUTE.c.subject == PERSON, DISPUTE.c.subject_id == visit.subject_id, DISPUTE.c.document_id == "")  # fmt: skip
    by = DISPUTE.c.raised_by.startswith(residents.PREFIX)
    return disputes.where(work, *mine, by, limit=LISTED)


def _home(work: Work, field: Field, own: str) -> str:
    """The unit that the person belongs to, or the steward's where that is not known."""
    known = dictionary(work.connection)
    home = known.fields.get(f"{PERSON}.{known.subjects[PERSON].home}")
    values = registers.fetch(work, known, PERSON, [own], [home] if home else []).get(own, {})
    code = str(values[home.code].value) if home and home.code in values else ""
    return code if identity.organisation_names(work.connection, [code]) else field.steward
