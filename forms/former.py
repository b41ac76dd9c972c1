"""Cells that a document had while it was on another version of its form, as somebody may see them.

The history speaks of them. Whoever sees the document through a veil sees no more of what is gone from it:
what a rule could withhold is hidden, what is protected stays masked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.identity.actor import Actor
from engine.json_text import Json
from engine.work import Work
from forms import document, masking
from forms.compiled import CompiledForm
from forms.masking import HIDDEN, Veil

_NOBODY = Actor("", "", "")


@dataclass(frozen=True)
class Past:
    """A document's cells of now and then."""

    veil: Veil
    others: tuple[Veil, ...] = ()
    """Over the other versions, as they lie for somebody without any right."""

    def form_of(self, path: str) -> CompiledForm:
        """The version that has a cell: the present one where it does, or where none does."""
        return self._of(path).form

    def value(self, path: str, value: Json) -> Json:
        """A value of the history as it may be seen."""
        of = self._of(path)
        if of is self.veil or document.blank(value):
            return self.veil.value(path, value)
        if self.veil.withheld or self.veil.closed is not None:
            return HIDDEN
        return value if self.veil.whole else of.value(path, value)

    def hides(self, path: str) -> bool:
        """Whether a change of a cell is not told at all."""
        return self.veil.hides(path)

    def _of(self, path: str) -> Veil:
        if self.veil.form.item(path) is not None:
            return self.veil
        return next((one for one in self.others if one.form.item(path) is not None), self.veil)


def past(work: Work, veil: Veil, forms: Sequence[CompiledForm]) -> Past:
    """What of these other versions of the form may be seen by whoever looks through a veil."""
    if not forms:
        return Past(veil)
    return Past(veil, tuple(masking.veil(work, one, looker=_NOBODY) for one in forms))
