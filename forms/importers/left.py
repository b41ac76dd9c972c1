"""What of a foreign form cannot be carried over: where it stood, what it was, and why, in words."""

from dataclasses import dataclass
from typing import Any

from engine import messages


@dataclass(frozen=True, slots=True)
class Left:
    """One thing left behind, or carried otherwise than it was meant."""

    row: int
    code: str
    """Of its message: `import.left.<code>`."""
    name: str = ""
    what: str = ""

    def text(self, language: str = "zh") -> str:
        """In words."""
        details = {"row": self.row, "name": self.name, "what": self.what}
        return messages.text(f"import.left.{self.code}", language, details)

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """For the wire and the page."""
        return {
            "row": self.row,
            "code": self.code,
            "name": self.name,
            "what": self.what,
            "text": self.text(language),
        }
