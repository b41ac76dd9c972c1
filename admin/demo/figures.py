"""What a filled document cost its people: cells asked, known beforehand, accepted, typed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from engine.json_text import Json
from forms import counted
from forms.filing import Opened


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over documents. A cell that the form works out itself is asked of nobody."""

    documents: int = 0
    asked: int = 0
    filled_beforehand: int = 0
    accepted_unchanged: int = 0
    typed: int = 0
    left_blank: int = 0

    @property
    def rate(self) -> float:
        """The share of the cells asked that were known and stood as they were."""
        return self.accepted_unchanged / self.asked if self.asked else 0.0

    @property
    def submitted(self) -> int:
        """Cells that were handed in with a value."""
        return self.asked - self.left_blank

    @property
    def submitted_rate(self) -> float:
        """Cells prefilled and submitted unchanged, of the cells submitted."""
        return self.accepted_unchanged / self.submitted if self.submitted else 0.0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(Figures))
        )

    def to_json(self) -> dict[str, Json]:
        """For programs, with the formula of the rate."""
        return {
            **asdict(self),
            "autofill_rate": round(self.rate, 4),
            "autofill_formula": f"{self.accepted_unchanged} / {self.asked}",
            "submitted_rate": round(self.submitted_rate, 4),
            "submitted_formula": f"{self.accepted_unchanged} / {self.submitted}",
        }


def of_document(opened: Opened) -> Figures:
    """The figures of one document as it stands."""
    found = counted.of_document(opened)
    typed = found.asked - found.blank - found.accepted
    return Figures(1, found.asked, found.prefilled, found.accepted, typed, found.blank)


def of_documents(opened: Iterable[Opened]) -> Figures:
    """Their sum."""
    return sum((of_document(one) for one in opened), Figures())
