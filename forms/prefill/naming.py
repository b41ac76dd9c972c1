"""What a source is called in every language: a form has its titles, and a page is read in one of them."""

from sqlalchemy import Connection

from engine.json_text import Json
from engine.registers.store import Origin
from forms import store
from forms.compiled import CompiledForm
from forms.prefill.offer import Offer


def told(connection: Connection, form: CompiledForm, offer: Offer) -> dict[str, Json]:
    """The provenance of an offer, with the titles of the form it came through beside the Chinese one."""
    found = offer.provenance()
    titles = _titles(connection, form, offer)
    if titles:
        found["titles"] = titles
    return found


def _titles(connection: Connection, form: CompiledForm, offer: Offer) -> dict[str, Json]:
    origin = offer.origin
    if origin is not None and origin.form_code and origin.form_version:
        return titles(connection, origin)
    return _others(form) if offer.source == "carried" else {}


def titles(connection: Connection, origin: Origin) -> dict[str, Json]:
    """The titles of the form through which a value came, beside the Chinese one."""
    try:
        return _others(store.published(connection, origin.form_code, origin.form_version))
    except store.FormUnknown:
        return {}  # a pack took its form away; what it set stays


def _others(form: CompiledForm) -> dict[str, Json]:
    return {language: title for language, title in form.titles.items() if language != "zh"}
