"""What the reading of a table came to: which cells are labels, and which rows hold nothing else."""

from dataclasses import dataclass

from forms.importers.excel.files.grid import Cell


@dataclass(frozen=True, slots=True)
class Reading:
    """The labels of a table: each cell's verdict, and the rows that hold labels only."""

    labels: frozenset[tuple[int, int]]
    heading: frozenset[int]

    def is_label(self, cell: Cell) -> bool:
        """Whether this cell was read as a label."""
        return (cell.row, cell.col) in self.labels

    def with_more(self, other: "Reading") -> "Reading":
        """The labels of both."""
        return Reading(self.labels | other.labels, self.heading | other.heading)


NOTHING = Reading(frozenset(), frozenset())
